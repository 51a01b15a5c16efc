namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1005: nothing ends, changes or empties an owner under a view of it.</summary>
public sealed class EndUnderViewTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        var p = Pages.Allocate(1); using var v = p.Write(); [|p.Dispose()|];
        """,
        """
        var p = Pages.Allocate(1); using var v = p.Write(); using var q = [|p.Protect<ReadOnly>()|];
        """,
        """
        var p = Pages.Allocate(1); using var v = p.Write(); using var q = [|p.DenyWrite()|];
        """,
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); [|p.Resize(2)|];
        """,
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); [|p.Discard()|];
        """,
        """
        using var p = Pages.Allocate(1); using (var v = p.Read()) { [|p.Offer()|]; }
        """,
        """
        using var p = Pages.Allocate(1); using var s = p.ProtectScope<ReadOnly>(default); [|p.Discard()|];
        """,
        """
        using var b = VirtualBuffer.Reserve(1); using var v = b.Read(default); [|b.Decommit(default)|];
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; [|l.Clear()|]; x = 2;
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; [|l.Truncate(0)|]; Console.WriteLine(x);
        """,
        """
        var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; [|l.Dispose()|]; x = 2;
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); using var v = l.Read(); [|l.ClearAndDecommit()|];
        """,
        """
        var q = ByteQueue.Create(1); Span<byte> s = q.GetSpan(); [|q.Dispose()|]; s[0] = 1;
        """,
        """
        var q = ByteQueue.Create(1); Span<byte> s = q.GetSpan().Slice(1); [|q.Dispose()|]; s[0] = 1;
        """,
        """
        var pool = new PagePool(); using var r = pool.Rent(1); [|pool.Dispose()|];
        """,
        """
        var p = Pages.Allocate(1); using var v = p.Write(); if (a) { [|p.Dispose()|]; }
        """,
        """
        var p = Pages.Allocate(1); using var v = p.Write(); var q = p; [|q.Dispose()|];
        """,
        """
        using var p = Pages.Allocate(1); for (int i = 0; i < n; i++) { using var v = p.Write(); [|p.Discard()|]; }
        """,
        """
        var p = Pages.Allocate<ReadExecute>(1); using var f = p.DangerousFunction(); [|p.Dispose()|];
        """,
        """
        using var s = SecretMemory.Allocate(1); using var v = s.Write(); [|s.Conceal()|];
        """,
        """
        using var p = Pages.Allocate(1); foreach (ScanWindow w in p.Scan()) { [|p.Discard()|]; }
        """,
        """
        using var p = Pages.Allocate(1); var w = p.AsBufferWriter(); Span<byte> s = w.GetSpan(); [|w.Dispose()|]; s[0] = 1;
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        var p = Pages.Allocate(1); using (var v = p.Write()) { v.Span[0] = 1; }
        p.Dispose();
        """,
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); v.Span[0] = 1;
        """,
        """
        var p = Pages.Allocate(1); using (var v = p.Write()) { }
        using var q = p.DenyWrite();
        """,
        """
        using var p = Pages.Allocate(1); using (var v = p.Read()) { }
        p.Discard(); p.Resize(2);
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; x = 2; l.Clear();
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; l.Add(2); x = 3;
        """,
        """
        using var q = ByteQueue.Create(1); Span<byte> s = q.GetSpan(); s[0] = 1; q.Advance(1);
        """,
        """
        using var p = Pages.Allocate(1); using var o = Pages.Allocate(1); using var v = o.Write(); p.Discard();
        """,
        """
        using var p = Pages.Allocate(1); for (int i = 0; i < n; i++) { using (var v = p.Write()) v.Span[0] = 1; p.Discard(); }
        """,
        """
        using var p = Pages.Allocate(1); if (a) { using var v = p.Write(); } else { p.Discard(); }
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); int x = l[0]; l.Clear(); Console.WriteLine(x);
        """,
        """
        var p = Pages.Allocate(1); byte* x = p.DangerousPointer(); p.Dispose(); Console.WriteLine((nint)x);
        """,
        """
        using var b = VirtualBuffer.Reserve(1); b.Commit(0, 1); using (var v = b.Read(default)) { }
        b.Decommit(0, 1);
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); ref int x = ref l[0]; l.Clear(); l.Add(1); x = ref l[0]; x = 1;
        """,
        """
        var p = Pages.Allocate(1); Action later = () => p.Dispose(); using (var v = p.Write()) { v.Span[0] = 1; }
        later();
        """,
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); p.Lock(); p.Prefault();
        """,
        """
        using var p = Pages.Allocate(1); using var v = p.Write(); byte[] copy = v.Span.ToArray(); Keep(copy);
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); foreach (int x in l) Console.WriteLine(x); l.Clear();
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1005", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1005", snippet);
}
