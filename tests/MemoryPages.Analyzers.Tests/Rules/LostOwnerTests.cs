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
        """
        var p = [|Pages.Allocate(1)|]; p = Pages.Allocate(2); p.Dispose();
        """,
        """
        Pages<ReadWrite> p; if (a) { p = [|Pages.Allocate(1)|]; p.Lock(); } else { p = Pages.Allocate(2); p.Dispose(); }
        """,
        """
        Pages<ReadWrite> p; if (a) { p = [|Pages.Allocate(1)|]; p.Lock(); } else { p = Pages.Allocate(2); Keep(p); }
        """,
        """
        Pages<ReadWrite> M(bool a) { Pages<ReadWrite> p = Pages.Allocate(1); if (a) { p.Dispose(); p = [|Pages.Allocate(2)|]; p.Lock(); p = Pages.Allocate(3); } return p; }
        """,
        """
        var p = Pages.Allocate(1); var q = p; q.Dispose(); p = [|Pages.Allocate(2)|]; p.Lock();
        """,
        """
        var p = [|Pages.Allocate(1)|]; if (a) return;
        p.Dispose();
        """,
        """
        Pages<ReadWrite>? M(int n) { var p = [|Pages.Allocate(1)|]; if (n < 2) { p.Lock(); return null; } return p; }
        """,
        """
        int M(int n) { VirtualList<int> l = [|new()|]; foreach (int x in l) { if (x == n) return x; } l.Dispose(); return 0; }
        """,
        """
        var p = [|Pages.Allocate(1)|]; switch (n) { case 1: return; case 2: p.Lock(); break; }
        Take(p);
        """,
        """
        using var p = Pages.Allocate(1); var s = [|p.AsStream()|]; if (a) return;
        s.Close();
        """,
        """
        using var p = Pages.Allocate(1); var w = [|p.AsBufferWriter()|]; w.Advance(1);
        """,
        """
        using var p = Pages.Allocate(1); var s = [|p.AsStream()|]; s.WriteByte(1);
        """,
        """
        using var s = SharedMemory.Create(1); var p = [|s.MapShared()|]; p.Lock();
        """,
        """
        using var h = new CodeHeap(); var b = [|h.Batch()|]; b.Publish();
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
        """
        var p = Pages.Allocate(1); if (a) { p.Dispose(); p = Pages.Allocate(2); }
        p.Lock(); p.Dispose();
        """,
        """
        Pages<ReadWrite> p; if (a) { p = Pages.Allocate(1); } else { p = Pages.Allocate(2); }
        p.Dispose();
        """,
        """
        Pages<ReadWrite>? p = null; if (a) p = Pages.Allocate(1);
        if (a) p!.Dispose();
        """,
        """
        Pages<ReadWrite>? M(Func<Pages<ReadWrite>, bool> f) { var p = Pages.Allocate(1); bool isRight = f(p); if (!isRight) p.Dispose();
        return isRight ? p : null; }
        """,
        """
        Pages<ReadWrite> M() { var p = Pages.Allocate(1); bool isDone = false; try { p.Lock(); isDone = true; return p; } finally { if (!isDone) p.Dispose(); } }
        """,
        """
        var p = Pages.Allocate(1); try { if (a) return;
        p.Lock(); } finally { p.Dispose(); }
        """,
        """
        var p = Pages.Allocate(1); if (!p.IsUsable) return;
        p.Dispose();
        """,
        """
        for (int i = 0; i < n; i++) { var p = Pages.Allocate(1); if (a) { p.Dispose(); continue; } Keep(p); }
        """,
        """
        Pages<ReadWrite>? p = null; for (int i = 0; i < n; i++) { p?.Dispose(); p = Pages.Allocate(1); }
        p?.Dispose();
        """,
        """
        Pages<ReadWrite>? p = a ? Pages.Allocate(1) : null; if (!a) return;
        p!.Dispose();
        """,
        """
        var p = Pages.Allocate(1); void End() { p.Dispose(); }
        if (a) { End(); return; }
        End();
        """,
        """
        var p = Pages.Allocate(1); Action end = () => p.Dispose(); if (a) { end(); return; }
        end();
        """,
        """
        var p = Pages.Allocate(1); var q = Pages.Allocate(2); (p, q) = (q, p); p.Dispose(); q.Dispose();
        """,
        """
        async Task<Pages<ReadWrite>> M(bool a) { var p = Pages.Allocate(1); if (a) { await Task.Yield(); return p; } p.Dispose(); return Pages.Allocate(2); }
        """,
        """
        var p = Pages.Allocate(1); var t = (p, 1); p = Pages.Allocate(2); t.p.Dispose(); p.Dispose();
        """,
        """
        using var p = Pages.Allocate(1); var s = p.AsStream(); s.Close();
        """,
        """
        using var p = Pages.Allocate(1); using var r = new StreamReader(p.AsStream()); r.Read();
        """,
        """
        using var h = new CodeHeap(); var f = h.Emit([0xC3]); Console.WriteLine(f.Length);
        """,
        """
        object M(int n) { var p = Pages.Allocate(1); return n switch { 1 => p, 2 => new List<object> { p }, _ => (p, n) }; }
        """,
        """
        var p = Pages.Allocate(1); void Give(Pages<ReadWrite> x) => Keep(x); Give(p); p = Pages.Allocate(2); p.Dispose();
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1007", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1007", snippet);
}
