using System.Diagnostics;

namespace MemoryPages;

/// <summary>Memory that an allocator gave: where it is, and how much of it may be used.</summary>
/// <param name="pointer">The first byte.</param>
/// <param name="size">Bytes that may be used: what was asked for, or more.</param>
[DebuggerDisplay("{Size} bytes at {Address}")]
public readonly unsafe struct AllocatedBlock(void* pointer, nuint size)
{
    /// <summary>The first byte. Never null, also for a block of no bytes.</summary>
    public void* Pointer { get; } = pointer;

    /// <summary>The first byte's address.</summary>
    public nuint Address => (nuint)Pointer;

    /// <summary>Bytes that may be used: what was asked for, or more, as the allocator rounds.</summary>
    public nuint Size { get; } = size;
}
