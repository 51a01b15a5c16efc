namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1007: an owner that nobody disposes, on any way.</summary>
public sealed class LostOwnerTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        var p = [|Pages.Allocate(1)|]; p.Lock();
        """,
        """
        [|Pages.Allocate(1)|];
        """,
        """
        _ = [|Pages.Allocate(1)|];
        """,
        """
        Console.WriteLine([|Pages.Allocate(1)|].Length);
        """,
        """
        var l = [|new VirtualList<int>()|]; l.Add(1);
        """,
        """
        var b = [|VirtualBuffer.Reserve(1)|]; b.Commit(0, 1);
        """,
        """
        if (Pages.TryAllocate(1, [|out var p|])) p.Lock();
        """,
        """
        Pages.TryAllocate(1, [|out _|]);
        """,
        """
        using var p = Pages.Allocate(1); var m = [|p.LeaseMemory()|]; m.Memory.Span[0] = 1;
        """,
        """
        var p = Pages.Allocate(1); var q = [|p.DenyWrite()|]; Console.WriteLine(q.Length);
        """,
        """
        var p = [|Pages.Map("x")|]; using var v = p.Read();
        """,
        """
        Pages<ReadWrite> p; p = [|Pages.Allocate(1)|]; p.Lock();
        """,
        """
        for (int i = 0; i < n; i++) { var p = [|Pages.Allocate(1)|]; p.Lock(); }
        """,
        """
        var p = [|Pages.Allocate(1)|]; Look(p);
        """,
        """
        var p = [|Pages.Allocate(1)|]; if (p is null) return;
        p.Lock();
        """,
        """
        var q = [|ByteQueue.Create(1)|]; q.TryEnqueue(default);
        """,
        """
        var p = [|Pages.Allocate(1)|]; Action use = () => p.Lock(); use();
        """,
        """
        var p = [|Pages.Allocate(1)|]; p?.Lock();
        """,
        """
        var l = [|new VirtualList<int>()|]; foreach (int x in l) Console.WriteLine(x);
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        using var p = Pages.Allocate(1);
        """,
        """
        var p = Pages.Allocate(1); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); if (a) p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); using (p) { }
        """,
        """
        using (Pages.Allocate(1)) { }
        """,
        """
        Pages<ReadWrite> M() => Pages.Allocate(1);
        """,
        """
        Pages<ReadWrite> M() { var p = Pages.Allocate(1); p.Lock(); return p; }
        """,
        """
        private Pages<ReadWrite>? _p; void M() { var p = Pages.Allocate(1); _p = p; }
        """,
        """
        private Pages<ReadWrite>? _p; void M() => _p = Pages.Allocate(1);
        """,
        """
        var p = Pages.Allocate(1); Keep(p);
        """,
        """
        var all = new List<object> { Pages.Allocate(1) }; Keep(all);
        """,
        """
        var p = Pages.Allocate(1); using var q = p.DenyWrite();
        """,
        """
        if (Pages.TryAllocate(1, out var p)) using (p) p.Lock();
        """,
        """
        void M(out Pages<ReadWrite> p) { p = Pages.Allocate(1); }
        """,
        """
        var p = Pages.Allocate(1); Action end = () => p.Dispose(); Keep(end);
        """,
        """
        var p = Pages.Allocate(1); try { p.Lock(); } finally { p.Dispose(); }
        """,
        """
        var p = Pages.Allocate(1); p?.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Take(p);
        """,
        """
        IEnumerable<Pages<ReadWrite>> M() { yield return Pages.Allocate(1); }
        """,
        """
        var p = Pages.Allocate(1); IDisposable d = p; d.Dispose();
        """,
        """
        async Task M() { using var p = Pages.Allocate(1); await Task.Yield(); }
        """,
        """
        private static void End(Pages<ReadWrite> p) { } void M() { var p = Pages.Allocate(1); End(p); }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1007", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1007", snippet);
}
