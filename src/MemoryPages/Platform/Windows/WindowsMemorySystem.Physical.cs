using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows;

/// <summary>Where in the machine's memory pages are: shown to drivers only.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override SystemError NoSuchFrames => NotSupported("AllocateUserPhysicalPages");

    /// <summary>Nothing is promised: a lock keeps pages in the working set, not in their frames.</summary>
    public override bool LockedPagesStay => false;

    public override SystemError ProbePhysicalAddresses() => NotSupported("AllocateUserPhysicalPages"); // gives frames, and tells their numbers to nobody

    public override SystemError ReadFrames(nuint address, Span<ulong> frames) => ProbePhysicalAddresses();

    public override SystemError Pin(nuint address, nuint length, SafeFileHandle pin) => NotSupported("VirtualLock");

    public override void Unpin(SafeFileHandle pin)
    {
    }

    public override HugePageCounters QueryHugePagePool(nuint size, int? node) => default; // large pages are put together when they are wished
}
