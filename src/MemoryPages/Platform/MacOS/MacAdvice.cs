using MemoryPages.Platform.MacOS.Native;
using MemoryPages.Unsafe;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Which number of madvise(2) each advice is, and of minherit(2); null for what macOS does not have.</summary>
internal static class MacAdvice
{
    /// <remarks>Not PageOut: MADV_PAGEOUT has a number, and kernels that are not built for debugging answer ENOTSUP (bsd/kern/kern_mman.c).</remarks>
    public static int? NumberOf(Advice advice) => advice switch
    {
        Advice.Normal => MADV_NORMAL,
        Advice.Random => MADV_RANDOM,
        Advice.Sequential => MADV_SEQUENTIAL,
        Advice.WillNeed => MADV_WILLNEED,
        Advice.ZeroWiredPages => MADV_ZERO_WIRED_PAGES,
        _ => null,
    };

    public static int? NumberOf(UncheckedAdvice advice) => advice switch
    {
        UncheckedAdvice.DontNeed => MADV_DONTNEED,
        UncheckedAdvice.Free => MADV_FREE,
        UncheckedAdvice.FreeReusable => MADV_FREE_REUSABLE,
        UncheckedAdvice.FreeReuse => MADV_FREE_REUSE,
        _ => null,
    };

    /// <summary>What gives a region the behavior that another has; null where that is the one that every region begins with.</summary>
    public static int? NumberOf(int behavior) => behavior switch
    {
        MachCalls.VM_BEHAVIOR_RANDOM => MADV_RANDOM,
        MachCalls.VM_BEHAVIOR_SEQUENTIAL => MADV_SEQUENTIAL,
        _ => null,
    };

    /// <summary>How a child process has such a region by itself: it shares what is shared, and gets a copy of what is private.</summary>
    public static int InheritanceOf(in MachCalls.RegionFacts region) => region.ShareMode == MachCalls.SM_LARGE_PAGE ? VM_INHERIT_NONE
        : MacRegions.IsShared(region.ShareMode, region.ExternalPager) ? VM_INHERIT_SHARE
        : VM_INHERIT_COPY;
}
