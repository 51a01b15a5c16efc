#pragma warning disable MP1007 // owners are lost on purpose: what is left of them is looked at

using MemoryPages.Diagnostics;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>What only a process in hardened mode shows: MEMORYPAGES_HARDENED=1.</summary>
internal static unsafe class EffectsHardened
{
    private static readonly nuint s_page = PageSize.Base;

    [Scenario]
    public static int ResizeHardened(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(4 * s_page);
        byte* old = pages.DangerousPointer();
        pages.Write(3 * s_page, 12345);
        Require(IsGuard((nuint)old - 1) && IsGuard((nuint)old + (4 * s_page)), "guards at first");

        try
        {
            pages.Resize(5 * s_page);
            return Fail("grew over its guard");
        }
        catch (MemoryPagesException)
        {
            Require(pages.Length == 4 * s_page && pages.DangerousPointer() == old && IsGuard((nuint)old + (4 * s_page)), "unchanged");
        }

        pages.Resize(6 * s_page, mayMove: true);
        byte* moved = pages.DangerousPointer();
        Require(moved != old && pages.Read<int>(3 * s_page) == 12345, "moved");
        Require(IsGuard((nuint)moved - 1) && IsGuard((nuint)moved + (6 * s_page)), "guards after the move");

        pages.Resize(2 * s_page);
        Require(pages.DangerousPointer() == moved && pages.Length == 2 * s_page, "shrunk");
        Require(IsGuard((nuint)moved + (2 * s_page)) && IsGuard((nuint)moved + (6 * s_page)), "the tail is a guard");

        pages.Resize(8 * s_page, mayMove: true);
        byte* again = pages.DangerousPointer();
        pages.Dispose();
        Require(IsGuard((nuint)again), "freed addresses are inaccessible for a while");
        return 0;
    }

    [Scenario]
    public static int HugePagesHardened(string[] arguments)
    {
        nuint size = (nuint)SystemMap.Machine("Hugepagesize");
        string free = $"/sys/kernel/mm/hugepages/hugepages-{size / 1024}kB/free_hugepages";
        long before = long.Parse(File.ReadAllText(free));
        for (int i = 0; i < 3; i++)
        {
            using Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit() });
            nuint address = (nuint)pages.DangerousPointer();
            pages.Write(size - 1, (byte)1);
            Require(long.Parse(File.ReadAllText(free)) == before - 1, "one taken");
            Require(IsGuard(address - 1) && IsGuard(address + size), "guards");
        }

        Require(long.Parse(File.ReadAllText(free)) == before, "all given back");
        return 0;
    }

    /// <summary>Moves: of one mapping, of parts, and by parts that are put back. Under strace: see VacatedAddresses.</summary>
    [Scenario]
    public static int Move(string[] arguments)
    {
        nuint length = 0x321 * s_page;
        using Pages<ReadWrite> pages = Pages.Allocate(length, new() { Alignment = 16 * s_page });
        nint blocker = Kernel.Map((nint)pages.DangerousPointer() + (nint)length, s_page, 0, Kernel.PrivateAnonymous, -1, 0);
        if (arguments[0] != "Whole")
        {
            pages.Advise(Advice.DontFork, new PageRange(3 * s_page, 2 * s_page));
        }

        byte* old = pages.DangerousPointer();
        pages.Write(4 * s_page, 12345);
        if (arguments[0] == "PutBack")
        {
            SystemCallFailure.During(
                () =>
                {
                    try
                    {
                        pages.Resize(2 * length, mayMove: true);
                    }
                    catch (MemoryPagesException)
                    {
                        Require(pages.DangerousPointer() == old, "put back");
                    }
                },
                new FailingCall(SystemCallFailure.Mremap, SystemCallFailure.ENOMEM, 3 * s_page));
        }
        else
        {
            pages.Resize(2 * length, mayMove: true);
            Require(pages.DangerousPointer() != old, "moved");
        }

        Require(pages.Read<int>(4 * s_page) == 12345, "content");
        _ = Kernel.Unmap(blocker, s_page);
        return 0;
    }

    [Scenario]
    public static int LeakReport(string[] arguments)
    {
        var leaks = new System.Collections.Concurrent.ConcurrentQueue<PageLeakEventArgs>();
        PageLeaks.Found += (_, found) => leaks.Enqueue(found);
        AllocateAndLose();
        for (int i = 0; i < 50 && leaks.IsEmpty; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        foreach (PageLeakEventArgs leak in leaks)
        {
            Console.WriteLine($"{leak.Name} {leak.Length / s_page} {leak.WasUnmapped} {leak.OpenLeases}\n{leak.AllocationStack}");
        }

        return 0;
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void AllocateAndLose() => Pages.Allocate(3 * s_page, new() { Name = "forgotten" });

    private static bool IsGuard(nuint address) => SystemMap.At(address) is { Access: "---p" };

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException("Not so: " + what);
        }
    }

    private static int Fail(string what)
    {
        Console.WriteLine(what);
        return 1;
    }
}
