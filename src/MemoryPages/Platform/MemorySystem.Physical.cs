using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>Where in the machine's memory pages are, and what keeps them there. A system that says nothing here has none of it.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>Fails where the process is not shown physical addresses.</summary>
    public virtual SystemError ProbePhysicalAddresses() => Absent;

    /// <summary>
    /// The physical addresses of neighbouring base pages, one for each element: or one of <see cref="PhysicalFrame"/>'s answers. Fails where the
    /// process is not shown them.
    /// </summary>
    /// <param name="address">The first page's address.</param>
    /// <param name="frames">What was found.</param>
    public virtual SystemError ReadFrames(nuint address, Span<ulong> frames) => Absent;

    /// <summary>
    /// Keeps the frames of pages of memory that is shared (<see cref="CreateSharedMemory"/>) where they are until <see cref="Unpin"/>. They may be
    /// moved before it returns.
    /// </summary>
    /// <param name="address">The first page.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="pin">What holds them: a handle without a descriptor, and left so where it fails.</param>
    public virtual SystemError Pin(nuint address, nuint length, SafeFileHandle pin) => Absent;

    /// <summary>Lets pinned pages go, at once.</summary>
    public virtual void Unpin(SafeFileHandle pin)
    {
    }

    /// <summary>Pages were had, and none of them lay where they were wished: what to answer then.</summary>
    public virtual SystemError NoSuchFrames => Absent;

    /// <summary>The pool of huge pages of a size, of the whole machine or of a node.</summary>
    public virtual HugePageCounters QueryHugePagePool(nuint size, int? node) => default;

    /// <summary>Adds pages to that pool, or takes them out of it: those in use leave it when they are free.</summary>
    /// <param name="size">Bytes of a page.</param>
    /// <param name="node">Whose share; null for the machine's.</param>
    /// <param name="change">Pages; negative to take out.</param>
    /// <param name="changed">By how many it changed: fewer, where the system did not find as many.</param>
    public virtual SystemError ChangeHugePagePool(nuint size, int? node, long change, out long changed)
    {
        changed = 0;
        return Absent;
    }

    /// <summary>The system found fewer pages for the pool than wished: what to answer then.</summary>
    public virtual SystemError PoolTooSmall => Absent;

    /// <summary>Whether the system leaves locked pages alone when it moves pages together to make huge ones.</summary>
    public virtual bool LockedPagesStay => false;
}

/// <summary>What stands for a physical address where there is none to give. No base page begins at these.</summary>
internal static class PhysicalFrame
{
    /// <summary>No page is there now: never touched, or swapped out.</summary>
    public const ulong Absent = ulong.MaxValue;

    /// <summary>
    /// The page is there to read only, in common with others: the page of zeros, or one that a forked process has too. A write moves it.
    /// </summary>
    public const ulong CopyOnWrite = ulong.MaxValue - 1;

    public static bool IsAddress(ulong frame) => frame < CopyOnWrite;
}
