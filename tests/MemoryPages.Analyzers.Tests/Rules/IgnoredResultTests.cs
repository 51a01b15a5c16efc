namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1002: what a transition returns is the only way to the memory.</summary>
public sealed class IgnoredResultTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        var p = Pages.Allocate(1); [|p.Protect<ReadOnly>()|];
        """,
        """
        var p = Pages.Allocate(1); [|p.DenyWrite()|];
        """,
        """
        var p = Pages.Allocate(1); [|p.DenyRead()|];
        """,
        """
        var p = Pages.Allocate(1); [|p.AllowExecuteDenyWrite()|];
        """,
        """
        var p = Pages.Allocate(1); _ = [|p.DenyWrite()|];
        """,
        """
        var p = Pages.Allocate(1); if (a) [|p.DenyWrite()|];
        """,
        """
        var p = Pages.Allocate(1); for (int i = 0; i < 1; i++) [|p.DenyWrite()|];
        """,
        """
        var p = Pages.Allocate(1); Action act = () => { [|p.DenyWrite()|]; }; act();
        """,
        """
        var p = Pages.Allocate(1); void F() { [|p.DenyWrite()|]; }
        F();
        """,
        """
        var p = Pages.Allocate(1); try { [|p.DenyWrite()|]; } catch (MemoryPagesException) { p.Dispose(); }
        """,
        """
        var p = Pages.Allocate(1); p?[|.DenyWrite()|];
        """,
        """
        using var q = Pages.Allocate(1).DenyWrite(); [|Pages.Allocate(1).DenyWrite()|];
        """,
        """
        [|Pages.Allocate<NoAccess>(1).AllowRead()|];
        """,
        """
        using var p = Pages.Allocate<ReadExecute>(1); [|p.DenyExecute()|];
        """,
        """
        void M(Pages<ReadWrite> p) { [|p.DenyWrite()|]; }
        """,
        """
        private Pages<ReadWrite> _p = Pages.Allocate(1); void M() => [|_p.DenyWrite()|];
        """,
        """
        class X { } [Owner] class Engine : IDisposable { public void Dispose() { } [Consumes] public Engine Next() => this; void M(Engine e) { [|e.Next()|]; } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        var p = Pages.Allocate(1); using var q = p.Protect<ReadOnly>();
        """,
        """
        var p = Pages.Allocate(1); var q = p.DenyWrite(); q.Dispose();
        """,
        """
        var p = Pages.Allocate(1); Keep(p.DenyWrite());
        """,
        """
        Pages<ReadOnly> M(Pages<ReadWrite> p) => p.DenyWrite();
        """,
        """
        var p = Pages.Allocate(1); p.DenyWrite().Dispose();
        """,
        """
        var p = Pages.Allocate(1); using (p.DenyWrite()) { }
        """,
        """
        var p = Pages.Allocate(1); using var q = a ? p.DenyWrite() : p.Protect<ReadOnly>();
        """,
        """
        var p = Pages.Allocate(1); using var q = p.DenyWrite().AllowExecute();
        """,
        """
        private Pages<ReadOnly>? _q; void M(Pages<ReadWrite> p) => _q = p.DenyWrite();
        """,
        """
        var p = Pages.Allocate(1); Func<Pages<ReadOnly>> f = () => p.DenyWrite(); f().Dispose();
        """,
        """
        var p = Pages.Allocate(1); p.Lock(); p.Dispose();
        """,
        """
        var p = Pages.Allocate(1); p.Resize(2); p.Dispose();
        """,
        """
        async Task<Pages<ReadOnly>> M(Pages<ReadWrite> p) { await Task.Yield(); return p.DenyWrite(); }
        """,
        """
        var p = Pages.Allocate(1); var all = new[] { p.DenyWrite() }; Keep(all);
        """,
        """
        var p = Pages.Allocate(1); var pair = (p.DenyWrite(), 1); Keep(pair);
        """,
        """
        void M(Pages<ReadWrite> p, out Pages<ReadOnly> q) { q = p.DenyWrite(); }
        """,
        """
        var p = Pages.Allocate(1); Take(p);
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1002", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1002", snippet);
}
