using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Code;

/// <summary>What code tests share.</summary>
internal static unsafe class CodeWitness
{
    public static int Page => (int)PageSize.Base;

    public static TheoryData<CodeMode> Modes => [CodeMode.Flipped, CodeMode.DualMapped];

    public static CodeHeap Heap(CodeMode mode, nuint reserve = 1 << 20) => new(new() { Mode = mode, Reserve = reserve });

    /// <summary>Skips on processors without machine code at hand.</summary>
    public static void RequireMachineCode() => Assert.SkipUnless(MachineCode.IsKnown, "There is no machine code for this processor.");

    /// <summary>A function without arguments, called under a lease of its own.</summary>
    public static int Call(CodeBlock block)
    {
        using FunctionLease<Func<int>> function = block.Function<Func<int>>();
        return function.Invoke();
    }

    /// <summary>The access that the system lists for an address: "r-xp", or null where nothing is mapped.</summary>
    public static string? AccessAt(nuint address) => SystemMap.At(address)?.Access;

    /// <summary>The bytes that the system holds at an address, whatever may be done with them.</summary>
    public static byte[] BytesAt(nuint address, int length) => Witness.Content(address, length);

    /// <summary>Whole traps.</summary>
    public static byte[] Traps(int length) => [.. Enumerable.Range(0, length / MachineCode.Trap.Length).SelectMany(_ => MachineCode.Trap)];
}
