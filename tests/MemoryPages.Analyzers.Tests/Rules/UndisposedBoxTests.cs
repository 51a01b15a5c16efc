namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1009 of the library's boxes: a value with boxes in it drops them, where a box finds it.</summary>
public sealed class UndisposedBoxTests
{
    private const string Tree = "struct Tree : IDisposable { public Box<int> Left, Right; public int N; public void Dispose() => Box.DisposeAll(ref Left, ref Right); } ";

    public static TheoryData<string> Wrong =>
    [
        """
        struct S { Box<int> [|_b|]; }
        """,
        """
        struct S { Box<int, NativeAllocator> [|_b|]; }
        """,
        """
        struct S { BoxedSpan<int> [|_b|]; }
        """,
        """
        struct S { BoxedSpan<int, NativeAllocator> [|_b|]; }
        """,
        """
        struct S { UninitializedBox<int, NativeAllocator> [|_b|]; }
        """,
        """
        struct S { public Box<int> [|A|], [|B|]; }
        """,
        """
        struct S : IDisposable { public Box<int> A, [|B|]; public void Dispose() => A.Dispose(); }
        """,
        """
        struct S { Tree [|_tree|]; }
        """,
        """
        struct S { Box<S> [|_next|]; public int Number; }
        """,
        """
        struct S { public Box<int> [|B|]; public void Dispose() => B.Dispose(); }
        """,
        """
        struct S { public Box<int> [|B|] { get; set; } }
        """,
        """
        struct S<TAllocator> where TAllocator : IAllocator { Box<int, TAllocator> [|_b|]; }
        """,
        """
        struct S<T> where T : unmanaged { Box<T> [|_b|]; }
        """,
        """
        record struct S { public Box<int> [|B|]; public S() { } }
        """,
        """
        readonly struct S { readonly Box<int> [|_b|]; }
        """,
        """
        ref struct S { Box<int> [|_b|]; }
        """,
        """
        struct S : IDisposable { Box<int> [|_b|]; public void Dispose() { } }
        """,
        """
        struct S { Box<Box<int>> [|_b|]; (int, int) _n; }
        """,
        """
        struct S { (Box<int>, int) _pair; Box<int> [|_b|]; }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        
        """,
        """
        struct S : IDisposable { Box<int> _b; public void Dispose() => _b.Dispose(); }
        """,
        """
        struct S : IDisposable { Box<int> _b; void IDisposable.Dispose() => _b.Dispose(); }
        """,
        """
        struct S : IDisposable { Box<int> _a, _b, _c; public void Dispose() => Box.DisposeAll(ref _a, ref _b, ref _c); }
        """,
        """
        struct S : IDisposable { Tree _tree; public void Dispose() => _tree.Dispose(); }
        """,
        """
        struct S : IDisposable { Box<S> _next; public void Dispose() => _next.Dispose(); }
        """,
        """
        struct S : IDisposable { public Box<int> B { get; set; } public void Dispose() => B.Dispose(); }
        """,
        """
        ref struct S { Box<int> _b; public void Dispose() => _b.Dispose(); }
        """,
        """
        struct S { static Box<int> s_b; }
        """,
        """
        ref struct S { ref Box<int> _b; }
        """,
        """
        struct S { Box<int>[] _b; }
        """,
        """
        struct S { unsafe Box<int>* _b; }
        """,
        """
        class C { Box<int> _b; }
        """,
        """
        struct S { int _n; Guid _g; DateTime _d; }
        """,
        """
        struct S<TAllocator> : IDisposable where TAllocator : IAllocator { Box<int, TAllocator> _b; public void Dispose() => _b.Dispose(); }
        """,
        """
        struct S : IDisposable { BoxedSpan<Box<int>> _b; public void Dispose() { try { _b.Dispose(); } finally { Console.WriteLine(); } } }
        """,
        """
        partial struct S : IDisposable { Box<int> _b; } partial struct S { public void Dispose() => _b.Dispose(); }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1009", Tree + snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1009", Tree + snippet);
}
