namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1001 of boxes: used after they were disposed, moved, or their value taken.</summary>
public sealed class SpentBoxTests
{
    private const string Tree = "struct Tree : IDisposable { public Box<int> Left, Right; public int N; public void Dispose() => Box.DisposeAll(ref Left, ref Right); } ";

    public static TheoryData<string> Wrong =>
    [
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); b.Dispose(); [|b|].Value = 2; } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); int x = b.Take(); Console.WriteLine([|b|].Value + x); } }
        """,
        """
        class P {  void M(bool a, int n) { using var b = Box.New(1); using var c = b.Move(); Console.WriteLine([|b|].Value); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); using var outer = Box.New(b); Console.WriteLine([|b|].Value); } }
        """,
        """
        class P {  void M(bool a, int n) { using var m = Box.NewUninitialized<int>(); using var b = m.Set(1); using var c = [|m|].Set(2); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = BoxedSpan.NewZeroed<int>(3); b.Dispose(); Console.WriteLine([|b|][(nuint)0]); } }
        """,
        """
        class P {  void M(bool a, int n) { var t = new Tree { Left = Box.New(1) }; using var b = Box.New(t); using var c = Box.New([|t|]); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); if (a) b.Dispose(); else { int x = b.Take(); Console.WriteLine(x); } Console.WriteLine([|b|].Value); } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); b.Dispose(); b.Dispose(); Console.WriteLine(b.HasValue); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); if (a) b.Dispose(); Console.WriteLine(b.Value); } }
        """,
        """
        class P {  void M(bool a, int n) { using var b = Box.New(1); using var c = b.Move(); Console.WriteLine(b.HasValue); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); b.Dispose(); b = Box.New(2); b.Value++; b.Dispose(); } }
        """,
        """
        class P {  void M(bool a, int n) { Tree t = new() { Left = Box.New(1) }; if (!Box.TryNew(t, out var b)) { t.Dispose(); return; } b.Dispose(); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = BoxedSpan.NewZeroed<int>(3); b.Dispose(); Console.WriteLine(b.Length); } }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1001", Tree + snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1001", Tree + snippet);
}
