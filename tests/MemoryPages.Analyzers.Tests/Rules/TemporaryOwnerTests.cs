namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1006: what is taken from an owner needs a variable that holds the owner.</summary>
public sealed class TemporaryOwnerTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        using var v = [|Pages.Allocate(1).Write()|];
        """,
        """
        using var v = [|Pages.Allocate(1).Read()|];
        """,
        """
        byte* x = [|Pages.Allocate(1).DangerousPointer()|];
        """,
        """
        ref int x = ref [|new VirtualList<int>()[0]|]; x = 1;
        """,
        """
        [|new VirtualList<int>()[0]|] = 1;
        """,
        """
        Span<byte> s = [|ByteQueue.Create(1).GetSpan()|]; s[0] = 1;
        """,
        """
        using var v = [|VirtualBuffer.Reserve(1).Read(default)|];
        """,
        """
        using var r = [|new PagePool().Rent(1)|];
        """,
        """
        var p = Pages.Allocate(1); using var v = [|p.DenyWrite().Read()|];
        """,
        """
        using var v = [|MirroredBuffer.Create(1).Read(0, 1)|];
        """,
        """
        using var s = [|Pages.Allocate(1).ProtectScope<ReadOnly>(default)|];
        """,
        """
        Console.WriteLine([|Pages.Allocate(1).Write()|].Length);
        """,
        """
        using var f = [|Pages.Allocate<ReadExecute>(1).DangerousFunction()|];
        """,
        """
        using (var v = [|Pages.Map("x").Read()|]) { }
        """,
        """
        using var v = [|(Pages.Allocate(1)).Write()|];
        """,
        """
        using var v = [|Pages.Allocate(1)!.Write()|];
        """,
        """
        using var v = [|Pages.Allocate<NoAccess>(1).AllowRead().Read()|];
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        using var p = Pages.Allocate(1); using var v = p.Write();
        """,
        """
        using var l = new VirtualList<int>(); l.Add(1); l[0] = 1;
        """,
        """
        private readonly Pages<ReadWrite> _p = Pages.Allocate(1); void M() { using var v = _p.Write(); }
        """,
        """
        private Pages<ReadWrite> P { get; } = Pages.Allocate(1); void M() { using var v = P.Write(); }
        """,
        """
        static Pages<ReadWrite> Shared() => null!; void M() { using var v = Shared().Write(); }
        """,
        """
        using var p = Pages.Allocate(1).DenyWrite();
        """,
        """
        Pages.Allocate(1).Dispose();
        """,
        """
        private readonly List<Pages<ReadWrite>> _all = []; void M() { using var v = _all[0].Write(); }
        """,
        """
        private readonly Dictionary<int, Pages<ReadWrite>> _all = []; void M() { using var v = _all[0].Write(); }
        """,
        """
        Pages<ReadWrite> M() => Pages.Allocate(1);
        """,
        """
        Console.WriteLine(Pages.Allocate(1).IsUsable);
        """,
        """
        Keep(Pages.Allocate(1));
        """,
        """
        private readonly Lazy<Pages<ReadWrite>> _p = new(); void M() { using var v = _p.Value.Write(); }
        """,
        """
        Pages<ReadWrite> p; using var v = (p = Pages.Allocate(1)).Write(); p.Lock();
        """,
        """
        foreach (int x in VirtualList.Create<int>([1])) Console.WriteLine(x);
        """,
        """
        void M(Pages<ReadWrite>[] all) { using var v = all[0].Write(); }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1006", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1006", snippet);
}
