#pragma warning disable MP1007 // owners are lost on purpose: the report of them is looked at

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MemoryPages.Diagnostics;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>What only hardened mode does. To be run with MEMORYPAGES_HARDENED=1.</summary>
internal static unsafe class Hardened
{
    private static nuint Page => PageSize.Base;

    [Scenario]
    public static int DisposedPointer(string[] arguments)
    {
        Pages<ReadWrite> pages = Pages.Allocate(Page);
        byte* pointer = pages.DangerousPointer();
        pages.Dispose();
        var strangers = new Pages<ReadWrite>[200]; // of the same kind and size: they would get the place
        for (int i = 0; i < strangers.Length; i++)
        {
            strangers[i] = Pages.Allocate(Page);
        }

        return Touch(pointer);
    }

    [Scenario]
    public static int OverrunByOne(string[] arguments)
    {
        using Pages<ReadWrite> between = BetweenNeighbours();
        byte* pointer = between.DangerousPointer();
        pointer[between.Length - 1] = 1;
        return Touch(pointer + between.Length);
    }

    [Scenario]
    public static int UnderrunByOne(string[] arguments)
    {
        using Pages<ReadWrite> between = BetweenNeighbours();
        return Touch(between.DangerousPointer() - 1);
    }

    [Scenario]
    public static int OverrunAfterGrowing(string[] arguments)
    {
        using Pages<ReadWrite> pages = BetweenNeighbours();
        pages.Resize(9 * Page, mayMove: true);
        pages.Write((9 * Page) - 1, (byte)1);
        return Touch(pages.DangerousPointer() + (9 * Page));
    }

    [Scenario]
    public static int OverrunAfterShrinking(string[] arguments)
    {
        using Pages<ReadWrite> pages = BetweenNeighbours();
        pages.Resize(Page);
        return Touch(pages.DangerousPointer() + Page);
    }

    /// <summary>A block went back to its pool, which rents to others.</summary>
    [Scenario]
    public static int ReturnedBlock(string[] arguments)
    {
        using var pool = new PagePool();
        byte* pointer = RentAndReturn(pool);
        using RentedPages other = pool.Rent(Page);
        return Touch(pointer);
    }

    /// <summary>Of many rentals none is given the block of a recent one, and no returned block holds memory.</summary>
    [Scenario]
    public static int ReturnedBlocksRestAWhile(string[] arguments)
    {
        const int Rentals = 1000;
        const int Recent = 32;
        using var pool = new PagePool();
        var addresses = new List<nuint>();
        for (int i = 0; i < Rentals; i++)
        {
            nuint address = (nuint)RentAndReturn(pool);
            if (addresses.TakeLast(Recent).Contains(address))
            {
                return Fail($"0x{address:x} was rented again at once.");
            }

            addresses.Add(address);
        }

        return addresses.Distinct().Count() == Rentals ? Fail("Blocks are never rented again.")
            : pool.Counters is { RentedBlocks: 0, WarmBytes: 0 } ? 0
            : Fail(pool.Counters.ToString());
    }

    /// <summary>Disposed ranges are inaccessible, hold no memory, and are given to nobody.</summary>
    [Scenario]
    public static int QuarantineKeepsRanges(string[] arguments)
    {
        var addresses = new List<nuint>();
        for (int i = 0; i < 100; i++)
        {
            using Pages<ReadWrite> pages = Pages.Allocate(16 * Page, new() { Populate = true });
            addresses.Add((nuint)pages.DangerousPointer());
        }

        if (addresses.Distinct().Count() != addresses.Count)
        {
            return Fail("A range was given again, so it was unmapped.");
        }

        foreach (nuint address in addresses)
        {
            List<SystemMap> regions = SystemMap.Between(address, address + (16 * Page));
            if (regions is not [{ Access: "---p" } region] || region.Bytes("Rss") != 0)
            {
                return Fail($"0x{address:x} was unmapped, or can be accessed, or holds memory: {string.Join("; ", regions.Select(r => r.Line))}");
            }
        }

        return 0;
    }

    /// <summary>The addresses come free again after a while, or a long life would end at the limit of mappings.</summary>
    [Scenario]
    public static int QuarantineIsBounded(string[] arguments)
    {
        int before = SystemMap.Count();
        for (int i = 0; i < 5000; i++)
        {
            Pages.Allocate(Page).Dispose();
        }

        int kept = SystemMap.Count() - before;
        return kept < 2500 ? 0 : Fail($"{kept} mappings were kept.");
    }

    /// <summary>Guards stand on both sides after every resize, and nothing of old places stays.</summary>
    [Scenario]
    public static int GuardsGoWithThePages(string[] arguments)
    {
        using Pages<ReadWrite> pages = BetweenNeighbours();
        foreach (nuint length in new nuint[] { 9, 2, 3, 40, 1, 2, 64 })
        {
            const long Ours = 0x6f757273_6f757273;
            nuint old = (nuint)pages.DangerousPointer();
            pages.Write(0, Ours);
            pages.Resize(length * Page, mayMove: true);
            nuint address = (nuint)pages.DangerousPointer();
            if (AccessAt(address - 1) != "---p" || AccessAt(address + pages.Length) != "---p")
            {
                return Fail($"No guard at {length} pages: {AccessAt(address - 1)} {AccessAt(address + pages.Length)}");
            }

            if (AccessAt(address) != "rw-p" || AccessAt(address + pages.Length - 1) != "rw-p")
            {
                return Fail("The pages themselves are not accessible.");
            }

            if (old != address && AccessAt(old) is "rw-p" && *(long*)old == Ours) // the runtime may have been given the place meanwhile
            {
                return Fail("The old place is still there.");
            }
        }

        return 0;
    }

    [Scenario]
    public static int LeaksSayWhere(string[] arguments)
    {
        var stacks = new ConcurrentQueue<string?>();
        PageLeaks.Found += (_, leak) => stacks.Enqueue(leak.AllocationStack);
        LoseSomePages();
        for (int i = 0; i < 10 && stacks.IsEmpty; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return stacks.Any(stack => stack?.Contains(nameof(LoseSomePages)) == true) ? 0 : Fail("No stack tells who allocated: " + string.Join("; ", stacks));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoseSomePages() => _ = Pages.Allocate(1).Length;

    /// <summary>With guards, addresses are reserved first and the memory is mapped into them: here that second step fails.</summary>
    [Scenario]
    public static int RefusedInReservation(string[] arguments)
    {
        nuint length = ((nuint)1 << 36) + Page; // large enough to be seen in VmSize whatever the runtime does meanwhile
        long before = SystemMap.Status("VmSize");
        bool allocated = true;
        SystemCallFailure.During(
            () => allocated = Pages.TryAllocate(length, new() { NoReserve = true }, out _),
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, length));
        return allocated ? 1 : SystemMap.Status("VmSize") - before > (long)length / 2 ? 2 : 0;
    }

    /// <summary>The second of three allocations, so that without guards writable pages of others would be on both sides.</summary>
    private static Pages<ReadWrite> BetweenNeighbours()
    {
        var all = new Pages<ReadWrite>[3];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = Pages.Allocate(2 * Page);
        }

        s_neighbours = all;
        return all[1];
    }

    private static Pages<ReadWrite>[]? s_neighbours;

    private static string? AccessAt(nuint address) => SystemMap.At(address)?.Access;

    private static byte* RentAndReturn(PagePool pool)
    {
        using RentedPages rented = pool.Rent(Page);
        rented.Span.Fill(1);
        return (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref rented[0]);
    }

    private static int Touch(byte* pointer)
    {
        Console.WriteLine("touching");
        Console.Out.Flush();
        *pointer = 1;
        Console.WriteLine("survived");
        GC.KeepAlive(s_neighbours);
        return 0;
    }

    private static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
