using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Tests.Ownership;

/// <summary>How an owner or lease is made, and ended.</summary>
/// <param name="Make">An expression.</param>
/// <param name="End">A statement about <c>it</c>.</param>
/// <param name="MayBeRefused">The system may refuse it: it is an old one, or the user an ordinary one.</param>
internal sealed record SpentOwner(string Make, string End = "it.Dispose();", bool MayBeRefused = false);

/// <summary>One of each, as C#, and arguments for their members.</summary>
internal static class SpentOwners
{
    private const string Using = "using (it) { }";
    private const string WithBlock = "it.TryAllocate(Layout.Of<int>(), out AllocatedBlock block); it.Dispose();";

    /// <summary>
    /// What has no check where it is used, but nothing in it: a spent one answers as an empty one does, or refuses in other words. To be told while it is
    /// compiled matters there the most.
    /// </summary>
    public static HashSet<string> EmptyWhenSpent { get; } = ["VirtualList", "ConcurrentVirtualList", "Box", "BoxedSpan", "BoxedList", "ProtectionScope"];

    /// <summary>What the expressions take their leases from.</summary>
    public const string Surroundings = """
        static readonly Pages<ReadWrite> s_pages = Pages.Allocate(65536); static readonly Pages<ReadExecute> s_code = Pages.Allocate<ReadExecute>(4096);
        static readonly VirtualList<int> s_list = new(); static readonly CodeHeap s_heap = new(); static readonly PagePool s_pool = new(); static readonly ArenaAllocator s_arena = new();
        """;

    public static SpentOwner[] All { get; } =
    [
        new("Pages.Allocate(4096)"),
        new("Pages.Allocate<ReadExecute>(4096)"),
        new("Pages.Allocate<ExecuteOnly>(4096)"),
        new("Pages.Allocate<ReadOnly>(4096)"),
        new("Pages.Allocate<WriteOnly>(4096)"),
        new("s_pages.Read()", Using),
        new("s_pages.Write()", Using),
        new("s_pages.ProtectScope<ReadWrite>(default)", Using),
        new("s_pages.Scan().GetEnumerator()", Using),
        new("s_pages.LeaseReadOnlyMemory()"),
        new("s_pages.TrackWrites()", MayBeRefused: true),
        new("s_pages.AsSequence()"),
        new("s_pages.AsBufferWriter()"),
        new("s_code.DangerousFunction()", Using),
        new("s_code.Function<Action>()", Using),
        new("SharedMemory.Create(4096)"),
        new("SecretMemory.Allocate(4096)"),
        new("VirtualBuffer.Reserve(65536)"),
        new("new VirtualList<int>()"),
        new("new ConcurrentVirtualList<int>()"),
        new("MirroredBuffer.Create(65536)"),
        new("ByteQueue.Create(65536)"),
        new("new PagePool()"),
        new("s_pool.Rent(1)", Using),
        new("new CodeHeap()"),
        new("s_heap.Batch()"),
        new("s_heap.Emit([0xC3])"),
        new("Box.New(1)"),
        new("Box.New(1, default(NativeAllocator))"),
        new("BoxedSpan.New<int>([1])"),
        new("BoxedSpan.New<int, NativeAllocator>([1], default)"),
        new("BoxedList.New<int, NativeAllocator>(1)"),
        new("Box.NewUninitialized<int>()"),
        new("new ArenaAllocator()", WithBlock),
        new("s_arena.Mark()", Using),
        new("new PoolAllocator()", WithBlock),
        new("new FixedAllocator(new byte[4096])", WithBlock),
        new("new GuardedAllocator<NativeAllocator>(default, new() { Report = static _ => { } })", WithBlock),
        new("PhysicalMemory.Allocate(4096)", MayBeRefused: true),
        new("HugePagePool.Reserve(1)", MayBeRefused: true),
    ];

    /// <summary>What satisfies the constraints.</summary>
    public static string TypeArgument(ITypeParameterSymbol parameter) =>
        parameter.ConstraintTypes.Any(constraint => constraint.Name == "Delegate") ? "Action"
        : parameter.ConstraintTypes.Any(constraint => constraint.Name is "IProtection" or "IReadable") ? "ReadOnly" : "int";

    /// <summary>Arguments that a usable object would take; optional ones are left out.</summary>
    public static string Arguments(IEnumerable<IParameterSymbol> parameters, SpentOwner owner) =>
        string.Join(", ", parameters.Where(parameter => !parameter.IsOptional).Select(parameter => Argument(parameter, owner)));

    private static string Argument(IParameterSymbol parameter, SpentOwner owner)
    {
        string element = parameter.Type is INamedTypeSymbol { TypeArguments: [var argument] } ? argument is ITypeParameterSymbol ? "int" : argument.ToDisplayString() : "";
        return parameter switch
        {
            { RefKind: RefKind.Out } => "out _",
            { Type.TypeKind: TypeKind.Pointer } => "block.Pointer",
            { Type.SpecialType: >= SpecialType.System_SByte and <= SpecialType.System_UInt64 or SpecialType.System_IntPtr or SpecialType.System_UIntPtr } =>
                parameter.Name is "offset" or "index" or "position" or "start" or "node" ? "0" : "1",
            { Type.Name: "IEnumerable" } => $"new List<{element}>()",
            { Type.Name: "Span" or "ReadOnlySpan" } => $"new {element}[1]",
            { Type.Name: "Layout", Name: "newLayout", ContainingSymbol.Name: "TryShrink" } => "Layout.Of<byte>()",
            { Type.Name: "Layout", Name: "newLayout" } => "Layout.Of<int>(2000)",
            { Type.Name: "Layout" } => "Layout.Of<int>()",
            { Type.Name: "ReadOnlySequence" } => $"System.Buffers.ReadOnlySequence<{element}>.Empty",
            { Type.Name: "Comparison" } => "(_, _) => 0",
            { Type.Name: "Predicate" } => "_ => true",
            { Type.Name: "Func" } => "_ => 0",
            { Type.Name: "CodeAction", Type: INamedTypeSymbol { IsGenericType: true } } => "static (ref w, _) => w.WriteByte(0xC3)",
            { Type.Name: "CodeAction" } => "static (ref w) => w.WriteByte(0xC3)",
            { Type.Name: "VirtualList" } => "s_list",
            { Type.Name: "Socket" } => "new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0)",
            { Type.Name: "Box" or "BoxedSpan" } => owner.Make,
            { Type.SpecialType: SpecialType.System_String } => "\"x\"",
            { Type: ITypeParameterSymbol } => "1",
            _ => "default",
        };
    }
}
