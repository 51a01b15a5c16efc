namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1009: who holds a box disposes it.</summary>
public sealed class UndisposedMemberTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { Box [|_b|]; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { public Box [|B|] { get; set; } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { Box [|_b|]; public void Dispose() { } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { Box [|_a|]; Box [|_b|]; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { Box _a; Box [|_b|]; public void Dispose() => _a.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } readonly struct S { readonly Box [|_b|]; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } ref struct S { Box [|_b|]; }
        """,
        """
        ref struct S { WriteView [|_v|]; }
        """,
        """
        ref struct S { ReadView [|_v|]; public S(Pages<ReadWrite> p) { _v = p.Read(); } }
        """,
        """
        ref struct S { public RentedPages [|R|]; }
        """,
        """
        ref struct S { ProtectionScope<ReadOnly> [|_s|]; int _n; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } class C { struct Inner { Box [|_b|]; } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S<T> { Box [|_b|]; T _t; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } record struct S { Box [|_b|]; public S() { } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { Box [|_b|]; void Free() => _b.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } partial struct S { Box [|_b|]; } partial struct S { int _n; }
        """,
        """
        class Z { } [MoveOnly, Owner] struct O : IDisposable { public void Dispose() { } } struct S { O [|_o|]; }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { Box _b; public void Dispose() => _b.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { Box _b; void IDisposable.Dispose() => _b.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } ref struct S { Box _b; public void Dispose() { _b.Dispose(); } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } class C : IDisposable { Box _b; public void Dispose() => _b.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { static Box s_b; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { int _n; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { public Box B { get; set; } public void Dispose() { using (B) { } } }
        """,
        """
        ref struct S { WriteView _v; public void Dispose() { using (_v) { } } }
        """,
        """
        ref struct S { Span<byte> _s; }
        """,
        """
        struct S { Pages<ReadWrite> _p; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } ref struct S { ref Box _b; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { Box[] _b; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S { Func<Box> _b; }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } partial struct S : IDisposable { Box _b; } partial struct S { public void Dispose() => _b.Dispose(); }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IDisposable { Box _a; Box _b; public void Dispose() { _a.Dispose(); _b.Dispose(); } }
        """,
        """
        class Q { } [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } } struct S : IAsyncDisposable { Box _b; public ValueTask DisposeAsync() { _b.Dispose(); return default; } }
        """,
        """
        class Z { } [MoveOnly] struct M { int _x; } struct S { M _m; }
        """,
        """
        class Z { } [Owner] struct O : IDisposable { public void Dispose() { } } struct S { O _o; }
        """,
        """
        struct S { CodeBlock _function; }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1009", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1009", snippet);
}
