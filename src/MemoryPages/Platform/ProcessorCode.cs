using System.Runtime.InteropServices;

namespace MemoryPages.Platform;

/// <summary>What memory for code must know of the processor, whatever the system: x86-64 and arm64.</summary>
internal static class ProcessorCode
{
    private static readonly byte[] s_trap = RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? [0xCC]                                    // int3
        : [0x00, 0x00, 0x20, 0xD4];                 // brk #0

    private static readonly byte[][] s_noOperations = RuntimeInformation.ProcessArchitecture == Architecture.X64
        ?
        [
            [], [0x90], [0x66, 0x90], [0x0F, 0x1F, 0x00], [0x0F, 0x1F, 0x40, 0x00], [0x0F, 0x1F, 0x44, 0x00, 0x00],
            [0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00], [0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00], [0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        ]
        : [[], [], [], [], [0x1F, 0x20, 0x03, 0xD5]];

    /// <summary>How far from itself a near call or jump reaches, in bytes: rel32 of x86-64; B and BL of arm64.</summary>
    public static nuint NearReach { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (nuint)1 << 31 : (nuint)1 << 27;

    /// <summary>Instructions that end the process when they are run: what free code memory is filled with, over and over.</summary>
    public static ReadOnlySpan<byte> TrapInstructions => s_trap;

    /// <summary>
    /// Instructions without effect, one for each length from 1 byte up to the last: empty where this processor has none of that length.
    /// </summary>
    public static ReadOnlySpan<byte> NoOperation(int length) => length < s_noOperations.Length ? s_noOperations[length] : [];
}
