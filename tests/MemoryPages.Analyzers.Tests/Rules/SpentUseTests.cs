namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1001: reported where every way to the use has spent the object, and nowhere else.</summary>
public sealed class SpentUseTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        var p = Pages.Allocate(1); p.Dispose(); [|p|].Read<byte>(0);
        """,
        """
        var p = Pages.Allocate(1); using var q = p.Protect<ReadOnly>(); [|p|].Advise(Advice.Random);
        """,
        """
        var p = Pages.Allocate(1); using var q = p.DenyWrite(); _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); if (a) p.Dispose(); else { using var q = p.DenyWrite(); }
        _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); if (a) { p.Dispose(); [|p|].Lock(); }
        p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); try { p.Lock(); } finally { p.Dispose(); }
        _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); using (p) { p.Lock(); }
        _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); var q = p; q.Dispose(); _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); while (true) { p.Dispose(); if (a) break; }
        _ = [|p|].Length;
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); for (int i = 0; i < n; i++) { [|p|].Lock(); }
        """,
        """
        var p = Pages.Allocate(1); Take(p); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); Look([|p|]);
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); Action later = () => [|p|].Lock(); Keep(later);
        """,
        """
        var p = Pages.Allocate(1); Action end = () => p.Dispose(); end(); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); void End() => p.Dispose(); End(); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); void Use() => [|p|].Lock(); p.Dispose(); Use();
        """,
        """
        object o = Pages.Allocate(1); if (o is Pages<ReadWrite> p) { p.Dispose(); [|p|].Lock(); }
        """,
        """
        var p = Pages.Allocate(1); switch (n) { case 0: p.Dispose(); break; default: Take(p); break; }
        [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); p?.Dispose(); [|p|].Lock();
        """,
        """
        async Task M() { var p = Pages.Allocate(1); await Task.Yield(); p.Dispose(); await Task.Yield(); [|p|].Lock(); }
        """,
        """
        private readonly Pages<ReadWrite> _p = Pages.Allocate(1); void M() { _p.Dispose(); [|_p|].Lock(); }
        """,
        """
        var p = Pages.Allocate(1); Pages<ReadWrite> q; if (a) { q = p; } else { q = p; }
        q.Dispose(); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); var q = Pages.Allocate(1); if (a) p.Dispose(); else q.Dispose();
        p.Lock(); [|q|].Lock();
        """,
        """
        var p = Pages.Allocate(1); if (TryTake(p)) { [|p|].Lock(); } else { p.Dispose(); }
        """,
        """
        var p = Pages.Allocate(1); if (!TryTake(p)) { p.Dispose(); return; }
        [|p|].Lock();
        """,
        """
        using var pool = new PagePool(); if (pool.TryRent(1, out RentedPages r)) { using (r) { r.Span[0] = 1; }
        _ = [|r|].Length; }
        """,
        """
        var p = Pages.Allocate(1); try { p.Dispose(); throw new Exception(); } catch (Exception) { [|p|].Lock(); }
        """,
        """
        var p = Pages.Allocate(1); IDisposable d = p; d.Dispose(); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); goto end; end: p.Dispose(); [|p|].Lock();
        """,
        """
        var p = Pages.Allocate(1); using var q = Pages.Allocate(1); p.Dispose(); q.Write(0, [|p|].Read<int>(0));
        """,
        """
        private Pages<ReadWrite>? _p; void M() { _p = Pages.Allocate(1); _p.Dispose(); [|_p|].Lock(); }
        """,
        """
        var list = new VirtualList<int>(); list.Dispose(); [|list|].Add(1);
        """,
        """
        using var h = new CodeHeap(); var f = h.Emit([0xC3]); f.Dispose(); using var g = [|f|].Function<Action>();
        """,
        """
        var h = new CodeHeap(); var f = h.Emit([0xC3]); h.Dispose(); [|h|].Seal();
        """,
        """
        var s = SharedMemory.Create(1); s.Dispose(); using var p = [|s|].Map();
        """,
        """
        var s = SecretMemory.Allocate(1); s.Dispose(); [|s|].Conceal();
        """,
        """
        using var p = Pages.Allocate(1); var w = p.AsBufferWriter(); w.Dispose(); [|w|].Advance(1);
        """,
        """
        using var p = Pages.Allocate(1); var s = p.AsSequence(); s.Dispose(); Console.WriteLine([|s|].Sequence.Length);
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        var p = Pages.Allocate(1); p.Read<byte>(0); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); using var q = p.Protect<ReadOnly>(); q.Advise(Advice.Random);
        """,
        """
        var p = Pages.Allocate(1); if (a) p.Dispose();
        if (!a) p.Lock();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); p = Pages.Allocate(1); p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); if (p.IsUsable) p.Lock();
        """,
        """
        var p = Pages.Allocate(1); try { using var q = p.Protect<ReadOnly>(); } catch (MemoryPagesException) { p.Lock(); }
        p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Pages<ReadOnly>? q = null; try { q = p.Protect<ReadOnly>(); } catch { p.Dispose(); throw; }
        q.Dispose();
        """,
        """
        var p = Pages.Allocate(1); for (int i = 0; i < n; i++) { p.Lock(); p.Dispose(); p = Pages.Allocate(1); }
        p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); for (int i = 0; i < n; i++) { if (a) { p.Dispose(); break; } p.Lock(); }
        p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Renew(ref p); p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); Renew(ref p); p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Action later = () => p.Lock(); later(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Action later = () => p.Lock(); Keep(later); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Action end = () => p.Dispose(); Keep(end); p.Lock();
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); Action again = () => p = Pages.Allocate(1); Keep(again); p.Lock();
        """,
        """
        var p = Pages.Allocate(1); if (TryTake(p)) return;
        p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); if (a) { p.Dispose(); return; }
        p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); try { if (a) throw new IOException(); p.Lock(); } finally { p.Dispose(); }
        """,
        """
        private Pages<ReadWrite> _p = Pages.Allocate(1); void M() { _p.Dispose(); Other(); _p.Lock(); } void Other() => _p = Pages.Allocate(1);
        """,
        """
        Pages<ReadWrite>? p = null; p?.Dispose(); Keep(p!);
        """,
        """
        private readonly Pages<ReadWrite>[] _all = []; void M() { foreach (var p in _all) { p.Lock(); p.Dispose(); } }
        """,
        """
        async Task M() { using var p = Pages.Allocate(1); await Task.Yield(); p.Lock(); }
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); Keep(p); Console.WriteLine(p);
        """,
        """
        IEnumerable<int> M() { using var p = Pages.Allocate(1); yield return p.Read<int>(0); yield return p.Read<int>(4); }
        """,
        """
        Pages<ReadWrite> M(bool a) { var p = Pages.Allocate(1); if (a) { return p; } p.Lock(); return p; }
        """,
        """
        var p = Pages.Allocate(1); var q = Pages.Allocate(1); (p, q) = (q, p); p.Dispose(); q.Lock(); q.Dispose();
        """,
        """
        var p = Pages.Allocate(1); var q = a ? p : Pages.Allocate(1); q.Dispose(); p.Lock();
        """,
        """
        var list = new VirtualList<int>(); list.Dispose(); Console.WriteLine(list.Count);
        """,
        """
        var p = Pages.Allocate(1); p.Dispose(); ref Pages<ReadWrite> r = ref p; r = Pages.Allocate(1); p.Lock();
        """,
        """
        var all = new List<Pages<ReadWrite>> { Pages.Allocate(1) }; all[0].Dispose(); all[0] = Pages.Allocate(1); all[0].Lock();
        """,
        """
        using var h = new CodeHeap(); var f = h.Emit([0xC3]); f.Dispose(); Console.WriteLine(f.IsUsable); Console.WriteLine(f); Console.WriteLine(f.Equals(f));
        """,
        """
        var h = new CodeHeap(); h.Dispose(); Console.WriteLine(h.Length);
        """,
        """
        var s = SharedMemory.Create(1); s.Dispose(); Console.WriteLine(s.Name);
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1001", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1001", snippet);
}
