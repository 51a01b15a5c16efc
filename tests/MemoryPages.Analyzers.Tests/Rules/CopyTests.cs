namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1004: of a lease or a box there is one.</summary>
public sealed class CopyTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); var w = [|v|]; }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); WriteView w; w = [|v|]; }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); V([|v|]); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); [|R(ref u)|]; }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); [|R(ref u)|]; R(ref p); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); [|u = default|]; }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); [|u = p.Write()|]; }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); F(ref u); u = p.Write(); [|u = default|]; }  }
        """,
        """
        static class Program { static void M(ref WriteView v) { [|v = default|]; } }
        """,
        """
        static class Program { static WriteView M(Pages<ReadWrite> p) { using var v = p.Write(); return [|v|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { var c = [|b|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { T([|b|]); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Keep([|b|]); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { object o = [|b|]; Keep(o); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Action f = () => Console.WriteLine([|b|].X); f(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _box = [|b|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { var c = [|_box|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _all[0] = [|b|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { var c = [|_all[0]|]; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { [|_fixed|].Change(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { foreach ([|var|] c in _all) { Console.WriteLine(c.X); } } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { var t = ([|b|], 1); Keep(t.Item2); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { IDisposable d = [|b|]; d.Dispose(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; Box M() => [|_box|]; }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Action f = [|b|].Change; f(); } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); I(in v); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); I(v); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); F(ref u); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); N(ref u); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); v.Span[0] = 1; Console.WriteLine(v.Length); }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); using (u) { u.Span[0] = 1; } }  }
        """,
        """
        static class Program { static void G<T>(T x) where T : allows ref struct { } static void R<T>(ref T x) where T : allows ref struct { } static void N<[MoveOnly] T>(ref T x) where T : allows ref struct { } static void V(WriteView v) { } static void I(in WriteView v) { } static void F(ref WriteView v) { } static void M(Pages<ReadWrite> p, Pages<ReadWrite> p2) { using var v = p.Write(); WriteView u = p2.Write(); ref WriteView r = ref u; r.Span[0] = 1; }  }
        """,
        """
        static class Program { static WriteView M(Pages<ReadWrite> p) { WriteView v = p.Write(); return v; } }
        """,
        """
        static class Program { static void M(Pages<ReadWrite> p, out WriteView v) { v = p.Write(); } }
        """,
        """
        static class Program { static void M(Pages<ReadWrite> p, bool a) { WriteView v; if (a) v = p.Write(); else v = p.Write(default(PageRange)); using (v) { } } }
        """,
        """
        static class Program { static void M(Pages<ReadWrite> p) { WriteView v = default; v = p.Write(); using (v) { } } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { b.Change(); b.Dispose(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Ref(ref b); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { C(b); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _box = new Box(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _box.Dispose(); _box = default; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _box.Change(); Console.WriteLine(_fixed.Look()); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { ref Box c = ref _all[0]; c.Change(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { _all[0].Change(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { using var c = new Box(); c.Change(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Action f = () => { var c = new Box(); c.Change(); c.Dispose(); }; f(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { foreach (ref Box c in new Span<Box>()) c.Change(); } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; Box M() { var b = new Box(); b.Change(); return b; } }
        """,
        """
        [MoveOnly] struct Box : IDisposable { public int X; public void Dispose() { } public void Change() { } public readonly int Look() => X; } class Program { static void Keep(object o) { } static void T(Box b) { } static void C([Consumes] Box b) { b.Dispose(); } static void Ref(ref Box b) { } Box _box; readonly Box _fixed; Box[] _all = []; void M(Box b) { Console.WriteLine(nameof(b)); } }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1004", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1004", snippet);
}
