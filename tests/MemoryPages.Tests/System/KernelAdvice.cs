using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>The numbers of asm-generic/mman-common.h, written down again: the library's own table is under test. 0 stands for none.</summary>
internal static class KernelAdvice
{
    public static readonly Dictionary<Advice, int> Numbers = new()
    {
        [Advice.Normal] = 0, [Advice.Random] = 1, [Advice.Sequential] = 2, [Advice.WillNeed] = 3, [Advice.DontFork] = 10, [Advice.DoFork] = 11,
        [Advice.Mergeable] = 12, [Advice.Unmergeable] = 13, [Advice.HugePage] = 14, [Advice.NoHugePage] = 15, [Advice.DontDump] = 16,
        [Advice.DoDump] = 17, [Advice.WipeOnFork] = 18, [Advice.KeepOnFork] = 19, [Advice.Cold] = 20, [Advice.PageOut] = 21,
        [Advice.PopulateRead] = 22, [Advice.PopulateWrite] = 23, [Advice.Collapse] = 25, [Advice.HwPoison] = 100, [Advice.SoftOffline] = 101,
    };

    public static readonly Dictionary<UncheckedAdvice, int> UncheckedNumbers = new()
    {
        [UncheckedAdvice.DontNeed] = 4, [UncheckedAdvice.Free] = 8, [UncheckedAdvice.Remove] = 9, [UncheckedAdvice.DontNeedLocked] = 24,
        [UncheckedAdvice.GuardInstall] = 102, [UncheckedAdvice.GuardRemove] = 103,
    };

    public static bool KernelTakes(Advice advice) => Numbers.TryGetValue(advice, out int number) && Kernel.Advise(0, 0, number) == 0;

    public static bool KernelTakes(UncheckedAdvice advice) => UncheckedNumbers.TryGetValue(advice, out int number) && Kernel.Advise(0, 0, number) == 0;

    /// <summary>By the kernel's word, not the library's: a library that denies what is there must not skip its own test.</summary>
    public static void SkipUnlessKernelTakes(Advice advice) =>
        Assert.SkipUnless(KernelTakes(advice), $"This kernel has no {advice}: madvise(0, 0, {Numbers.GetValueOrDefault(advice, -1)}) says so.");

    public static void SkipUnlessKernelTakes(UncheckedAdvice advice) =>
        Assert.SkipUnless(KernelTakes(advice), $"This kernel has no {advice}: madvise(0, 0, {UncheckedNumbers.GetValueOrDefault(advice, -1)}) says so.");
}
