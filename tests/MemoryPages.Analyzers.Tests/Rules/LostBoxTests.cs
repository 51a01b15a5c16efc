namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1007 of boxes: made, and never disposed nor handed on.</summary>
public sealed class LostBoxTests
{
    private const string Tree = "struct Tree : IDisposable { public Box<int> Left, Right; public int N; public void Dispose() => Box.DisposeAll(ref Left, ref Right); } ";

    public static TheoryData<string> Wrong =>
    [
        """
        class P {  void M(bool a, int n) { var b = [|Box.New(1)|]; b.Value++; } }
        """,
        """
        class P {  void M(bool a, int n) { [|Box.New(1)|]; } }
        """,
        """
        class P {  void M(bool a, int n) { _ = [|Box.New(1, default(NativeAllocator))|]; } }
        """,
        """
        class P {  void M(bool a, int n) { Box.TryNew(1, [|out var b|]); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = [|BoxedSpan.NewZeroed<int>(3)|]; b[(nuint)0] = 1; } }
        """,
        """
        class P {  void M(bool a, int n) { var m = [|Box.NewUninitialized<int>()|]; Console.WriteLine(m.HasMemory); } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class P {  void M(bool a, int n) { using var b = Box.New(1); b.Value++; } }
        """,
        """
        class P {  void M(bool a, int n) { var t = new Tree { Left = Box.New(1), Right = Box.New(2) }; t.Dispose(); } }
        """,
        """
        class P {  void M(bool a, int n) { using var b = Box.New(Box.New(1)); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); Console.WriteLine(b.Take()); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); using var c = b.Move(); } }
        """,
        """
        class P {  void M(bool a, int n) { using var tree = Box.NewZeroed<Tree>(); tree.Value.Left = Box.New(1); } }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1007", Tree + snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1007", Tree + snippet);
}
