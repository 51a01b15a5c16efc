using System.Runtime.InteropServices;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Advice that shows in a child, in a death, or before anything else was asked of the kernel.</summary>
internal static unsafe class EffectsAdvice
{
    private static readonly nuint s_page = PageSize.Base;

    /// <summary>Prints the byte that a forked child reads, or 254 where it has no such page. The parent wrote 42.</summary>
    [Scenario]
    public static int SeenByAForkedChild(string[] arguments)
    {
        Advice advice = Enum.Parse<Advice>(arguments[0]);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_page);
        pages.Write<byte>(0, 42);
        if (advice is Advice.DoFork or Advice.KeepOnFork)
        {
            pages.Advise(advice - 1); // the values stand in pairs
        }

        pages.Advise(advice);

        Console.WriteLine(ForkedChild.Sees((nuint)pages.DangerousPointer()));
        return pages.Read<byte>(0) == 42 ? 0 : 2;
    }

    [Scenario]
    public static int ReadBesideAGuard(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * s_page);
        pages.DangerousAdvise(UncheckedAdvice.GuardInstall, new PageRange(0, s_page));
        return pages.Read<byte>(nuint.Parse(arguments[0]) * s_page);
    }

    /// <summary>Emulators say yes to numbers that they do not know. For advice that the library rests on, it looks at the effect.</summary>
    [Scenario]
    public static int AdviceThatDoesNothing(string[] arguments)
    {
        int result = 1;
        SystemCallFailure.During(
            () =>
            {
                bool any = Advice.PopulateRead.IsSupported || Advice.PopulateWrite.IsSupported || UncheckedAdvice.DontNeed.IsSupported
                    || UncheckedAdvice.DontNeedLocked.IsSupported || UncheckedAdvice.GuardInstall.IsSupported;
                result = any ? 1 : 0;
            },
            [.. ((int[])[22, 23, 4, 24, 102]).Select(number => new FailingCall(SystemCallFailure.Madvise, 0, s_page, number))]);
        return result;
    }

    /// <summary>The first question comes when not even a page can be had for a probe: that must not be the answer for the life of the process.</summary>
    [Scenario]
    public static int SupportAskedInAnEmergency(string[] arguments)
    {
        using Pages<WriteOnly> pages = Pages.Allocate<WriteOnly>(5 * s_page);
        SystemCallFailure.During(
            () => _ = Advice.PopulateWrite.IsSupported | UncheckedAdvice.DontNeed.IsSupported | pages.EffectiveProtection == PageProtection.None,
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, s_page, Kernel.ReadBit | Kernel.WriteBit),
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, s_page, Kernel.WriteBit));
        PageProtection effective = pages.EffectiveProtection;
        bool readable = RuntimeInformation.ProcessArchitecture == Architecture.X64; // written pages can be read there
        Console.WriteLine($"DontNeed {UncheckedAdvice.DontNeed.IsSupported}, PopulateWrite {Advice.PopulateWrite.IsSupported}, WriteOnly {effective}");
        return UncheckedAdvice.DontNeed.IsSupported && Advice.PopulateWrite.IsSupported == (Kernel.Advise(0, 0, 23) == 0)
            && effective.HasFlag(PageProtection.Read) == readable ? 0 : 1;
    }
}
