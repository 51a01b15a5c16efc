namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1005 of boxes: an allocator that ends before its boxes, a box that ends before references into it.</summary>
public sealed class BoxEndTests
{
    private const string Types = "struct Tree : IDisposable { public Box<int> Left, Right; public int N; public void Dispose() => Box.DisposeAll(ref Left, ref Right); } "
        + "[Owner] sealed unsafe class Arena : IAllocator, IDisposable { public bool TryAllocate(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocate(layout, out block); public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocateZeroed(layout, out block);"
        + " public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new Exception(); public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new Exception();"
        + " public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new Exception(); public void Free(void* pointer, Layout layout) => default(NativeAllocator).Free(pointer, layout); public void Dispose() { } } ";

    public static TheoryData<string> Wrong =>
    [
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); using var b = Box.New(1, arena); [|arena.Dispose()|]; } }
        """,
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); var b = Box.New(1, arena); using var c = b.Move(); [|arena.Dispose()|]; } }
        """,
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); using var b = BoxedSpan.NewZeroed<int, Arena>(3, arena); [|arena.Dispose()|]; } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); ref int r = ref b.Value; [|b.Dispose()|]; r = 2; } }
        """,
        """
        class P {  void M(bool a, int n) { var b = BoxedSpan.NewZeroed<int>(3); Span<int> s = b.Span; [|b.Dispose()|]; s[0] = 2; } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); ref int r = ref b.Value; int x = [|b.Take()|]; r = x; } }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class P {  void M(bool a, int n) { using var arena = new Arena(); using var b = Box.New(1, arena); } }
        """,
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); using (var b = Box.New(1, arena)) { b.Value++; } arena.Dispose(); } }
        """,
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); var b = Box.New(1, arena); b.Dispose(); arena.Dispose(); } }
        """,
        """
        class P {  void M(bool a, int n) { var arena = new Arena(); int x = Box.New(1, arena).Take(); arena.Dispose(); Console.WriteLine(x); } }
        """,
        """
        class P {  void M(bool a, int n) { var b = Box.New(1); ref int r = ref b.Value; r = 2; b.Dispose(); } }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1005", Types + snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1005", Types + snippet);
}
