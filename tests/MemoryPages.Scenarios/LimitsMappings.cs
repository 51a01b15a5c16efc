using System.Globalization;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>vm.max_map_count, reached for real. The runtime needs mappings too, so what happens at the limit is done once before it.</summary>
internal static unsafe class LimitsMappings
{
    /// <summary>
    /// Pages of one kind are one mapping; each second one with another protection makes as many as there are pages. Most of what is allowed is taken
    /// by strangers, so that few objects are made near the limit.
    /// </summary>
    [Scenario]
    public static int ProtectUntilNoMappingIsLeft(string[] arguments) => AtTheLimit(taken =>
    {
        Pages<ReadWrite>[] pages = [.. Enumerable.Range(0, 1000).Select(_ => Pages.Allocate(1))];
        nuint[] addresses = [.. pages.Select(p => (nuint)p.DangerousPointer())];
        var handles = new List<IDisposable>(2 * pages.Length);
        (nint area, nuint length) = TakeMappings(taken - 300);

        int failed = 1;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        MemoryPagesException? told = TryProtect(pages[failed], handles);
        while (told is null && failed + 2 < pages.Length / 2)
        {
            failed += 2;
            allocated = GC.GetAllocatedBytesForCurrentThread();
            told = TryProtect(pages[failed], handles);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        bool usable = pages[failed].IsUsable && pages[failed].LeaseCount == 0;
        if (usable)
        {
            pages[failed].Write<long>(0, 42); // would end the process if the page were not as it was
        }

        // In the middle of the rest, which is one mapping still, even unmapping is refused; the memory must go all the same.
        int middle = pages.Length * 3 / 4;
        pages[middle].Write<long>(0, 42);
        pages[middle].Dispose();
        bool refused = IsMapped(addresses[middle], out bool present);

        foreach (Pages<ReadWrite> page in pages)
        {
            handles.Add(page);
        }

        // From within the middle: refused as long as nothing else has gone.
        int step = arguments is ["backwards"] ? handles.Count - 1 : 1;
        for (int i = 0, next = middle; i < handles.Count; i++, next = (next + step) % handles.Count)
        {
            handles[next].Dispose();
        }

        int left = 0;
        foreach (nuint address in addresses)
        {
            left += IsMapped(address) ? 1 : 0;
        }

        _ = Kernel.Unmap(area, length);
        return () =>
        {
            LimitsTold.By(() => throw (Exception?)told ?? new InvalidOperationException("never refused"));
            Console.WriteLine($"usable {usable}, present {present}, refused {refused}, left {left}");
            Console.WriteLine(allocated);
        };
    });

    /// <summary>Between a stranger of its kind and the last pages that the program has: refused first, and possible when the last are gone.</summary>
    [Scenario]
    public static int UnmapTheLastAtTheLimit(string[] arguments) => AtTheLimit(taken =>
    {
        nint page = (nint)PageSize.Base;
        nint place = Kernel.Map(0, 5 * PageSize.Base, 0, Kernel.PrivateAnonymous, -1, 0);
        _ = Kernel.Protect(place + page, PageSize.Base, Kernel.ReadBit | Kernel.WriteBit);
        _ = Kernel.Unmap(place + (2 * page), 2 * PageSize.Base);
        Pages<ReadWrite> between = Pages.Allocate(1, new() { NearAddress = (nuint)(place + (2 * page)) });
        Pages<ReadWrite> last = Pages.Allocate(1, new() { NearAddress = (nuint)(place + (3 * page)) });
        nuint address = (nuint)between.DangerousPointer();
        LimitsTold.Check(address == (nuint)(place + (2 * page)) && last.DangerousPointer() - (byte*)address == page, "not beside each other");
        (nint area, nuint length) = TakeMappings(taken + 1000);
        between.Dispose();
        bool refused = IsMapped(address);
        last.Dispose();
        bool left = IsMapped(address);
        _ = Kernel.Unmap(area, length);
        return () => Console.WriteLine($"refused {refused}, left {left}");
    });

    /// <summary>The other verbs that split a mapping.</summary>
    [Scenario]
    public static int SplitWhereNoMappingIsLeft(string[] arguments) => AtTheLimit(taken =>
    {
        Pages<ReadWrite> pages = Pages.Allocate(30 * PageSize.Base);
        pages.Advise(Advice.Random, new PageRange(0, 10 * PageSize.Base));
        pages.Prefault();
        var part = new PageRange(15 * PageSize.Base, PageSize.Base);
        var fromTheFirst = new PageRange(0, 20 * PageSize.Base);
        Action[] refused =
        [
            () => pages.Advise(Advice.DontDump, part),
            () => { using ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(part); },
            () => pages.Lock(range: part),
            () => pages.Lock(LockMode.OnFault, fromTheFirst),
        ];
        var told = new MemoryPagesException?[refused.Length];
        (nint area, nuint length) = TakeMappings(taken + 1000);
        for (int i = 0; i < refused.Length; i++)
        {
            told[i] = Catch(refused[i]);
        }

        _ = Kernel.Unmap(area, length);
        long locked = SystemMap.Status("VmLck");
        pages.Dispose();
        return () =>
        {
            foreach (MemoryPagesException? error in told)
            {
                LimitsTold.By(() => throw (Exception?)error ?? new InvalidOperationException("was not refused"));
            }

            Console.WriteLine($"locked {locked}");
        };
    });

    /// <summary>
    /// Runs it twice: far from the limit, so that the runtime has compiled and mapped what it needs, then at the limit. What it returns reports the
    /// second run.
    /// </summary>
    internal static int AtTheLimit(Func<int, Action> body)
    {
        WarmUp();
        _ = body(1000);
        LimitsTold.Check(GC.TryStartNoGCRegion(50 << 20), "no region without collections"); // the collector maps what it could want
        body(int.Parse(File.ReadAllText(Needed.File("/proc/sys/vm/max_map_count")), CultureInfo.InvariantCulture) - SystemMap.Count())();
        return 0;
    }

    private static MemoryPagesException? TryProtect(Pages<ReadWrite> pages, List<IDisposable> made) => Catch(() => made.Add(pages.Protect<NoAccess>()));

    internal static MemoryPagesException? Catch(Action action)
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
            // The hint that names the limit is written at the limit only, and the runtime, which then has no page for a new kind of number, ends in disorder.
            _ = FormattableString.Invariant($"{(long)i + 65_530:N0} of {(long)i}");
            using Pages<ReadWrite> pages = Pages.Allocate(857 * PageSize.Base);
            var made = new List<IDisposable>();
            FailingCall[] failing =
            [
                new(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, pages.Length), new(SystemCallFailure.Mremap, SystemCallFailure.ENOMEM),
                new(SystemCallFailure.Mlock, SystemCallFailure.ENOMEM), new(SystemCallFailure.Mlock2, SystemCallFailure.ENOMEM),
                new(SystemCallFailure.Madvise, SystemCallFailure.EAGAIN, pages.Length, 16),
            ];
            Action[] refused =
            [
                () => LimitsTold.Check(TryProtect(pages, made) is not null, "warm"), () => pages.Resize(1 << 30, mayMove: true), () => pages.Lock(),
                () => pages.Lock(LockMode.OnFault), () => pages.Advise(Advice.DontDump),
                () => { using ProtectionScope<NoAccess> scope = pages.ProtectScope<NoAccess>(new PageRange(0, pages.Length)); },
            ];
            SystemCallFailure.During(() => Array.ForEach(refused, action => Catch(action)), failing);
            _ = TryProtect(Pages.Allocate(1), made);
            made.ForEach(m => m.Dispose());
            SystemCallFailure.During(() => Pages.Allocate(857 * PageSize.Base).Dispose(), new FailingCall(SystemCallFailure.Munmap, SystemCallFailure.ENOMEM, pages.Length));
        }
    }

    /// <summary>By the kernel's own calls: a strip of pages whose protections alternate until no more can.</summary>
    internal static (nint Area, nuint Length) TakeMappings(int most)
    {
        nuint length = (nuint)most * PageSize.Base;
        nint area = Kernel.Map(0, length, Kernel.ReadBit, Kernel.PrivateAnonymous, -1, 0);
        for (nuint at = PageSize.Base; at < length && Kernel.Protect(area + (nint)at, PageSize.Base, 0) == 0; at += 2 * PageSize.Base)
        {
        }

        return (area, length);
    }

    /// <summary>By mincore(2), which says ENOMEM of what is not mapped: reading a list of 65,530 would want memory.</summary>
    private static bool IsMapped(nuint address) => IsMapped(address, out _);

    private static bool IsMapped(nuint address, out bool isPresent)
    {
        byte answer = 0;
        bool isMapped = Kernel.Residency((nint)address, PageSize.Base, &answer) == 0;
        isPresent = (answer & 1) != 0;
        return isMapped;
    }
}
