namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1004 of the library's boxes, and of values with boxes in them.</summary>
public sealed class BoxCopyTests
{
    private const string Tree = "struct Tree : IDisposable { public Box<int> Left, Right; public int N; public void Dispose() => Box.DisposeAll(ref Left, ref Right); } ";

    public static TheoryData<string> Wrong =>
    [
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); var c = [|b|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); Box<int> c; c = [|b|]; c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); V([|b|]); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); V([|b|]); b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); _box = [|b|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); _all[0] = [|b|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = [|_box|]; b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = [|_all[n]|]; b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); Keep([|b|]); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); object o = [|b|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); Action f = () => Console.WriteLine([|b|].Value); f(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { _ = [|_fixed|].Take(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); var t = new Tree { Left = [|b|] }; t.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var tree = Box.New(new Tree()); Tree t = [|tree.Value|]; t.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var tree = Box.New(new Tree()); var left = [|tree.Value.Left|]; left.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { Tree t = [|_tree|]; t.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { VT([|_tree|]); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); [|GR(ref _box)|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); [|b = default|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); [|b = Box.New(2)|]; b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.NewZeroed<int>(); var c = b.Move(); [|c = default|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var outer = Box.New(Box.New(1)); Box<int> c = [|outer.Value|]; c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = BoxedSpan.NewZeroed<int>(3); var c = [|b|]; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = BoxedSpan.NewZeroed<Box<int>>(3); var c = [|b[(nuint)0]|]; c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); var c = ([|b|], n); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var p = Pages.Allocate(1); using var v = p.Read(); var s = [|v.Elements<Box<int>>()|]; } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { Tree leaf = default; using Box<Tree> tree = Box.New(new Tree { Left = Box.New(1), Right = Box.New(2) }); leaf.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var left = Box.New(1); using var right = Box.New(2); using var tree = Box.New(new Tree { Left = left.Move(), Right = right.Move() }); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); Box<int> c = b.Move(); c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); _box = b.Move(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); I(in b); I(b); b.Value++; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); R(ref b); b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); C(b); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); using var outer = Box.New(b); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var t = new Tree { Left = Box.New(1) }; using var tree = Box.New(t); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); b.Dispose(); b = Box.New(2); b.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { var b = Box.New(1); var c = b.Move(); b = Box.New(2); b.Dispose(); c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { Box<int> head = default; for (int i = 0; i < n; i++) { int old = head.HasValue ? head.Take() : 0; head = Box.New(old + i); } head.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var a1 = Box.New(1); using var b1 = Box.New(1); if (a1 == b1 || a1 != b1 || a1.CompareTo(b1) > 0) { } } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var tree = Box.NewZeroed<Tree>(); tree.Value.Left = Box.New(1); tree.Value.Right = Box.New(2); ref Tree t = ref tree.Value; t.N++; } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = BoxedSpan.NewZeroed<Box<int>>(3); b[(nuint)0] = Box.New(1); foreach (ref Box<int> x in b) { x.Dispose(); } } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { _box.Dispose(); _box = Box.New(1); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { if (Box.TryNew(1, out var b)) { using (b) { b.Value++; } } } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using Box<int, NativeAllocator> b = Box.New(1); Box<int> c = b.Move(); c.Dispose(); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { GM(ref _box); } }
        """,
        """
        class P { Box<int> _box; readonly Box<int> _fixed; Tree _tree; Box<int>[] _all = []; static void Keep(object o) { } static void V(Box<int> b) { } static void VT(Tree t) { } static void I(in Box<int> b) { } static void R(ref Box<int> b) { } static void C([Consumes] Box<int> b) => b.Dispose(); static T G<T>(T x) => x; static void GR<T>(ref T x) { } static void GM<[MoveOnly] T>(ref T x) { } void M(bool a, int n) { using var b = Box.New(1); using var c = b.Clone(); int x = b.Replace(2); Console.WriteLine(x); } }
        """,
        """
        class P { static Box<int> Make() { var b = Box.New(1); b.Value++; return b; } static Box<Tree> Whole() { using var l = Make(); return Box.New(new Tree { Left = l.Move() }); } }
        """,
        """
        class P : IDisposable { Box<Tree> _tree = Box.New(new Tree()); public ref Tree Value => ref _tree.Value; public void Dispose() => _tree.Dispose(); }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1004", Tree + snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1004", Tree + snippet);
}
