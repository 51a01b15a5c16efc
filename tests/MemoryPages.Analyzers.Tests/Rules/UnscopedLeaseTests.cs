namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1003: only using ends a lease.</summary>
public sealed class UnscopedLeaseTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        using var p = Pages.Allocate(1); var v = [|p.Write()|]; v.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); [|p.Write()|];
        """,
        """
        using var p = Pages.Allocate(1); _ = [|p.Write()|].Length;
        """,
        """
        using var p = Pages.Allocate(1); [|p.Write()|].Span.Clear();
        """,
        """
        using var p = Pages.Allocate(1); ReadView v = [|p.Read()|]; Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); var s = [|p.ProtectScope<ReadOnly>(default)|]; Console.WriteLine(s.Range);
        """,
        """
        using var p = Pages.Allocate<ReadExecute>(1); var f = [|p.DangerousFunction()|]; Console.WriteLine((nint)f.Pointer);
        """,
        """
        using var pool = new PagePool(); var r = [|pool.Rent(1)|]; r.Span[0] = 1;
        """,
        """
        using var pool = new PagePool(); if (pool.TryRent(1, [|out RentedPages r|])) r.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); if (a) { var v = [|p.Read()|]; Console.WriteLine(v[0]); }
        """,
        """
        using var p = Pages.Allocate(1); WriteView v; v = [|p.Write()|]; v.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); _ = [|p.Write()|];
        """,
        """
        void M(Pages<ReadWrite> p) { Action act = () => { var v = [|p.Write()|]; v.Span[0] = 1; }; act(); }
        """,
        """
        void M(Pages<ReadWrite> p) { Action act = () => [|p.Write()|]; act(); }
        """,
        """
        using var list = new VirtualList<int>(); list.Add(1); Console.WriteLine([|list.Read()|].Elements<int>()[0]);
        """,
        """
        using var b = VirtualBuffer.Reserve(1); var v = [|b.Write(default)|]; Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); using var s = p.ProtectScope<ReadOnly>(default); var v = [|s.Read()|]; Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); var v = [|p.Write()|]; if (a) return;
        using (v) v.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); ReadView v; if (a) { v = [|p.Read()|]; Console.WriteLine(v[0]); } else { v = p.Read(); using (v) { } }
        """,
        """
        static ReadView M(Pages<ReadWrite> p, int n) { ReadView v = [|p.Read()|]; if (n == 0) { Console.WriteLine(v[0]); return default; } return v; }
        """,
        """
        using var p = Pages.Allocate(1); var e = [|p.Scan().GetEnumerator()|]; e.MoveNext();
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); v.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); using (var v = p.Write()) v.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); using (p.Write()) { }
        """,
        """
        ReadView M(Pages<ReadWrite> p) => p.Read();
        """,
        """
        static ReadView M(Pages<ReadWrite> p) { var v = p.Read(); return v; }
        """,
        """
        using var p = Pages.Allocate(1); WriteView v = p.Write(); using (v) { v.Span[0] = 1; }
        """,
        """
        using var pool = new PagePool(); if (pool.TryRent(1, out RentedPages r)) using (r) r.Span[0] = 1;
        """,
        """
        using var pool = new PagePool(); using var r = pool.Rent(1); r.Span[0] = 1;
        """,
        """
        using var p = Pages.Allocate(1); using ReadView v = a ? p.Read() : p.Read(default(PageRange)); Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); for (int i = 0; i < n; i++) { using var v = p.Write(); v.Span[0] = 1; }
        """,
        """
        using var p = Pages.Allocate(1); using var s = p.ProtectScope<ReadOnly>(default); using var v = s.Read(); Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate<ReadExecute>(1); using FunctionLease f = p.DangerousFunction();
        """,
        """
        using var p = Pages.Allocate(1); p.Write(0, 1);
        """,
        """
        using var p = Pages.Allocate(1); ReadView v = default; Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); using var m = p.LeaseMemory(); m.Memory.Span[0] = 1;
        """,
        """
        private static ReadView Get(Pages<ReadWrite> p) => p.Read(); void M(Pages<ReadWrite> p) { using var v = Get(p); Console.WriteLine(v.Length); }
        """,
        """
        using var list = new VirtualList<int>(); using (ReadView v = list.Read()) Console.WriteLine(v.Length);
        """,
        """
        using var p = Pages.Allocate(1); ReadView v; if (a) v = p.Read(); else v = p.Read(default(PageRange)); using (v) { }
        """,
        """
        using var p = Pages.Allocate(1); var v = p.Read(); using (v) { if (a) return; }
        Console.WriteLine(1);
        """,
        """
        static ReadView M(Pages<ReadWrite> p, bool a) { ReadView v = p.Read(); if (a) return v; return v; }
        """,
        """
        using var p = Pages.Allocate(1); foreach (ScanWindow w in p.Scan()) Console.WriteLine(w.Span[0]);
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1003", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1003", snippet);
}
