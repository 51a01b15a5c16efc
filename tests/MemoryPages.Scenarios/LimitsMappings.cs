using System.Globalization;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>vm.max_map_count, reached for real. The runtime needs mappings too, so what happens at the limit is done once before it.</summary>
internal static unsafe class LimitsMappings
{
    /// <summary>Pages of one kind are one mapping; each second one with another protection makes as many as there are pages.</summary>
    [Scenario]
    public static int ProtectUntilNoMappingIsLeft(string[] arguments)
    {
        WarmUp();
        Pages<ReadWrite>[] pages = AllocateMoreThanTheLimit();
        nuint[] addresses = [.. pages.Select(p => (nuint)p.DangerousPointer())];
        var sealed_ = new List<IDisposable>();

        int failed = 1;
        MemoryPagesException? told = null;
        for (; told is null && failed < pages.Length; failed += 2)
        {
            told = TryProtect(pages[failed], sealed_);
        }

        failed -= 2;
        bool usable = pages[failed].IsUsable && pages[failed].LeaseCount == 0;
        pages[failed].Write<long>(0, 42); // would end the process if the page were not as it was

        // In the middle of the rest, which is one mapping still, even unmapping is refused; the memory must go all the same.
        int middle = failed + ((pages.Length - failed) / 2);
        pages[middle].Write<long>(0, 42);
        pages[middle].Dispose();
        bool present = SystemMap.Present(addresses[middle], PageSize.Base)[0];
        bool stillMapped = IsMapped([addresses[middle]]) == 1;

        foreach (IDisposable handle in arguments is ["backwards"] ? sealed_.Concat(pages).Reverse() : sealed_.Concat(pages))
        {
            handle.Dispose();
        }

        int left = IsMapped(addresses);
        LimitsTold.By(() => throw told!);
        Console.WriteLine($"usable {usable}, present {present}, refused {stillMapped}, left {left}");
        return 0;
    }

    /// <summary>The other verbs that split a mapping.</summary>
    [Scenario]
    public static int SplitWhereNoMappingIsLeft(string[] arguments)
    {
        WarmUp();
        using Pages<ReadWrite> pages = Pages.Allocate(30 * PageSize.Base);
        pages.Advise(Advice.Random, new PageRange(0, 10 * PageSize.Base));
        var part = new PageRange(15 * PageSize.Base, PageSize.Base);
        var fromTheFirst = new PageRange(0, 20 * PageSize.Base);
        MemoryPagesException?[] told = new MemoryPagesException?[5];
        Action[] refused =
        [
            () => pages.Advise(Advice.DontDump, part),
            () => pages.Lock(range: part),
            () => pages.Lock(LockMode.OnFault, fromTheFirst),
            () => { using ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(part); },
            () => pages.Resize(100 * PageSize.Base, mayMove: true),
        ];
        Array.ForEach(refused[..^1], action => action()); // once where it is allowed
        pages.Unlock();
        pages.Advise(Advice.DoDump, part);

        (nint area, nuint length) = TakeAllMappings();
        for (int i = 0; i < refused.Length - 1; i++)
        {
            told[i] = Catch(refused[i]);
        }

        long locked = SystemMap.Status("VmLck");
        _ = Kernel.Unmap(area, length);
        foreach (MemoryPagesException? error in told[..^1])
        {
            LimitsTold.By(() => throw (Exception?)error ?? new InvalidOperationException("was not refused"));
        }

        Console.WriteLine($"locked {locked}");
        return 0;
    }

    private static MemoryPagesException? TryProtect(Pages<ReadWrite> pages, List<IDisposable> made) => Catch(() => made.Add(pages.Protect<NoAccess>()));

    private static MemoryPagesException? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (MemoryPagesException refused)
        {
            return refused;
        }
    }

    /// <summary>Compiles what runs at the limit, through the same error by other means.</summary>
    private static void WarmUp()
    {
        for (int i = 0; i < 3; i++)
        {
            using Pages<ReadWrite> pages = Pages.Allocate(857 * PageSize.Base);
            var made = new List<IDisposable>();
            SystemCallFailure.During(() => TryProtect(pages, made), new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, pages.Length));
            SystemCallFailure.During(() => Catch(() => pages.Resize(1 << 30, true)), new FailingCall(SystemCallFailure.Mremap, SystemCallFailure.ENOMEM));
            SystemCallFailure.During(() => Catch(() => pages.Lock()), new FailingCall(SystemCallFailure.Mlock, SystemCallFailure.ENOMEM));
            SystemCallFailure.During(() => Catch(() => pages.Advise(Advice.DontDump)), new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EAGAIN, pages.Length));
            _ = TryProtect(Pages.Allocate(1), made);
            made.ForEach(m => m.Dispose());
            SystemCallFailure.During(() => Pages.Allocate(857 * PageSize.Base).Dispose(), new FailingCall(SystemCallFailure.Munmap, SystemCallFailure.ENOMEM, pages.Length));
            (nint area, nuint length) = TakeMappings(100);
            _ = Kernel.Unmap(area, length);
            _ = IsMapped([(nuint)area]);
            _ = SystemMap.Present(0, PageSize.Base);
            _ = SystemMap.Status("VmLck");
        }

        GC.Collect();
    }

    private static Pages<ReadWrite>[] AllocateMoreThanTheLimit()
    {
        var pages = new Pages<ReadWrite>[Limit() + 2000];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = Pages.Allocate(1);
        }

        return pages;
    }

    private static (nint Area, nuint Length) TakeAllMappings() => TakeMappings(Limit());

    /// <summary>By the kernel's own calls: a strip of pages whose protections alternate until no more can.</summary>
    private static (nint Area, nuint Length) TakeMappings(int most)
    {
        nuint length = (nuint)most * PageSize.Base;
        nint area = Kernel.Map(0, length, Kernel.ReadBit, Kernel.PrivateAnonymous, -1, 0);
        for (nuint at = PageSize.Base; at < length && Kernel.Protect(area + (nint)at, PageSize.Base, 0) == 0; at += 2 * PageSize.Base)
        {
        }

        return (area, length);
    }

    private static int Limit() => int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture);

    /// <summary>How many of the addresses are mapped: from maps, not smaps, for whose details the kernel would walk every page.</summary>
    private static int IsMapped(nuint[] addresses)
    {
        nuint[] sorted = [.. addresses.Order()];
        int mapped = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] bounds = line.Split(' ', 2)[0].Split('-');
            mapped += Below(bounds[1]) - Below(bounds[0]);
        }

        return mapped;

        int Below(string hex)
        {
            int index = Array.BinarySearch(sorted, nuint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            return index < 0 ? ~index : index;
        }
    }
}
