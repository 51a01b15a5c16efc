using MemoryPages.Unsafe;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Which number of madvise(2) each advice is; null for what Linux does not have.</summary>
internal static class LinuxAdvice
{
    public static int? NumberOf(Advice advice) => advice switch
    {
        Advice.Normal => MADV_NORMAL,
        Advice.Random => MADV_RANDOM,
        Advice.Sequential => MADV_SEQUENTIAL,
        Advice.WillNeed => MADV_WILLNEED,
        Advice.DontFork => MADV_DONTFORK,
        Advice.DoFork => MADV_DOFORK,
        Advice.Mergeable => MADV_MERGEABLE,
        Advice.Unmergeable => MADV_UNMERGEABLE,
        Advice.HugePage => MADV_HUGEPAGE,
        Advice.NoHugePage => MADV_NOHUGEPAGE,
        Advice.DontDump => MADV_DONTDUMP,
        Advice.DoDump => MADV_DODUMP,
        Advice.HwPoison => MADV_HWPOISON,
        Advice.PopulateRead => MADV_POPULATE_READ,
        Advice.PopulateWrite => MADV_POPULATE_WRITE,
        Advice.SoftOffline => MADV_SOFT_OFFLINE,
        Advice.WipeOnFork => MADV_WIPEONFORK,
        Advice.KeepOnFork => MADV_KEEPONFORK,
        Advice.Cold => MADV_COLD,
        Advice.PageOut => MADV_PAGEOUT,
        Advice.Collapse => MADV_COLLAPSE,
        _ => null,
    };

    public static int? NumberOf(UncheckedAdvice advice) => advice switch
    {
        UncheckedAdvice.DontNeed => MADV_DONTNEED,
        UncheckedAdvice.Free => MADV_FREE,
        UncheckedAdvice.Remove => MADV_REMOVE,
        UncheckedAdvice.DontNeedLocked => MADV_DONTNEED_LOCKED,
        UncheckedAdvice.GuardInstall => MADV_GUARD_INSTALL,
        UncheckedAdvice.GuardRemove => MADV_GUARD_REMOVE,
        _ => null,
    };
}
