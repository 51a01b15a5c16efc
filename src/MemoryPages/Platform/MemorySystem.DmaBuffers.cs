using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <content>Buffers for devices that drivers of the kernel drive: passed to these by descriptor. A system that says nothing here has none.</content>
/// <remarks>Members that make a file handle are given one without a descriptor, which stays so when they fail.</remarks>
internal abstract partial class MemorySystem
{
    /// <summary>The names of the heaps that buffers can be had from, in order; also of those that this process may not use.</summary>
    public virtual IReadOnlyList<string> DmaHeaps => [];

    /// <summary>A buffer of the kernel's memory, zeroed, which stays where it is.</summary>
    public virtual SystemError AllocateFromDmaHeap(string heap, nuint length, SafeFileHandle buffer) => Absent;

    /// <summary>
    /// Makes a buffer of a part of memory that is shared and sealed against getting shorter: the same pages, which stay where they are from here on.
    /// </summary>
    public virtual SystemError MakeDmaBuffer(SafeFileHandle memory, nuint offset, nuint length, SafeFileHandle buffer) => Absent;

    /// <summary>Makes what devices wrote to be seen by the processor, or with <paramref name="ends"/> what the processor wrote by devices.</summary>
    public virtual SystemError SynchronizeDmaBuffer(SafeFileHandle buffer, bool forWriting, bool ends) => Absent;
}
