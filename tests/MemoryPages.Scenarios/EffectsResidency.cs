using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Faults and locks, counted for a whole process.</summary>
internal static class EffectsResidency
{
    private const int Inconclusive = 3;
    private const int PopulateRead = 22;
    private const int PopulateWrite = 23;
    private static readonly nuint s_page = PageSize.Base;

    /// <summary>Touching 3000 prefaulted pages: a few faults are the runtime's own. The same without prefaulting shows that the count can fail.</summary>
    [Scenario]
    public static int FaultsWhenTouching(string[] arguments)
    {
        (string kind, string path) = (arguments[0], arguments[1]);
        long without = Count(kind, path, prefault: false);
        long with = Count(kind, path, prefault: true);
        Console.WriteLine($"{with} faults with, {without} without");

        // One fault on a file maps many pages around, those of memory one each.
        return with < 10 && without > (kind.EndsWith("File") ? 12 : 1500) ? 0 : 1;
    }

    /// <summary>The first question of this process to the kernel about populating is answered so: nothing is done.</summary>
    [Scenario]
    public static int PrefaultWithoutPopulate(string[] arguments)
    {
        int answer = int.Parse(arguments[0]);
        int result = 1;
        SystemCallFailure.During(
            () =>
            {
                using Pages<ReadWrite> pages = Pages.Allocate(50 * s_page);
                pages.Write(7 * s_page, 77);
                pages.Prefault();
                pages.Lock(range: new PageRange(0, s_page));
                using Pages<ReadOnly> readOnly = Pages.Allocate<ReadOnly>(50 * s_page, new() { Populate = true });
                bool supported = Advice.PopulateRead.IsSupported || Advice.PopulateWrite.IsSupported;
                bool present = pages.CountResidentBytes() == 50 * s_page && readOnly.CountResidentBytes() == 50 * s_page;
                Console.WriteLine($"supported {supported} present {present}");
                result = !supported && present && pages.Read<int>(7 * s_page) == 77 ? 0 : 1;
            },
            new FailingCall(SystemCallFailure.Madvise, answer, null, PopulateRead),
            new FailingCall(SystemCallFailure.Madvise, answer, null, PopulateWrite));
        return result;
    }

    /// <summary>Under a limit of 64 KiB and without the privilege to pass it.</summary>
    [Scenario]
    public static int LockBeyondTheLimit(string[] arguments)
    {
        LockMode mode = Enum.Parse<LockMode>(arguments[0]);
        using Pages<ReadWrite> pages = Pages.Allocate(2 * 65536);
        pages.Lock(mode, new PageRange(0, s_page));
        try
        {
            pages.Lock(mode);
            Console.WriteLine("locked");
            return 1;
        }
        catch (MemoryPagesException refused)
        {
            Console.WriteLine(refused.Message);
            bool hinted = refused.Hint!.Contains("65,536") && refused.Hint.Contains($"{s_page:N0} of") && refused.Hint.Contains("RLIMIT_MEMLOCK");
            bool nothingNew = SystemMap.Status("VmLck") == (long)s_page;
            pages.Lock(mode, new PageRange(s_page, s_page));
            return refused.Reason == ErrorReason.LockLimit && hinted && nothingNew ? 0 : 2;
        }
    }

    /// <summary>Where nothing may be locked at all, the kernel gives another error (EPERM).</summary>
    [Scenario]
    public static int LockWhereNoneMay(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(s_page);
        var refused = Refusal(() => pages.Lock()) as MemoryPagesException;
        Console.WriteLine(refused?.Message);
        return refused is { Reason: ErrorReason.LockLimit } && refused.Hint!.Contains("at most 0 bytes") ? 0 : 1;
    }

    /// <summary>Locked pages grow: what is added would be locked too, and is too much.</summary>
    [Scenario]
    public static int GrowBeyondTheLockLimit(string[] arguments)
    {
        bool mayMove = bool.Parse(arguments[0]);
        using Pages<ReadWrite> pages = Pages.Allocate(4 * s_page);
        pages.Write(0, 12345);
        pages.Lock();
        var refused = Refusal(() => pages.Resize(2 * 65536, mayMove)) as MemoryPagesException;
        Console.WriteLine(refused?.Message);
        return refused is { Reason: ErrorReason.LockLimit } && pages.Length == 4 * s_page && pages.Read<int>(0) == 12345
            && SystemMap.Status("VmLck") == 4 * (long)s_page ? 0 : 1;
    }

    /// <summary>A part of three mappings is locked: that takes two map entries more, and there are none, one, two left.</summary>
    [Scenario]
    public static int LockAtTheMappingLimit(string[] arguments)
    {
        int limit = int.Parse(File.ReadAllText(Needed.File("/proc/sys/vm/max_map_count")));
        if (limit > 200_000)
        {
            Console.WriteLine($"vm.max_map_count is {limit}");
            return 77;
        }

        using Pages<ReadWrite> pages = Pages.Allocate(9 * s_page);
        pages.Prefault();
        var part = new PageRange(s_page, 7 * s_page);
        pages.Advise(Advice.DontDump, new PageRange(3 * s_page, 3 * s_page));

        // The runtime has what it needs before there are no entries left for its heap to grow with: it would end the process.
        Action act = () => pages.Lock(LockMode.OnFault, part);
        Func<Exception?> attempt = () => Refusal(act);
        SystemCallFailure.During(
            () => WithEntriesLeft(limit, 7, attempt),
            new FailingCall(SystemCallFailure.Mlock2, SystemCallFailure.ENOMEM));
        GC.TryStartNoGCRegion(100 << 20, 80 << 20);

        // Half-way is where one entry is left: a second refusal. The runtime may take an entry itself, or end for want of one: then this says nothing.
        int refusals = 0;
        bool inconclusive = false;
        for (int left = 0; left < 8; left++)
        {
            Exception? refused = WithEntriesLeft(limit, left, attempt);
            long locked = SystemMap.Status("VmLck");
            pages.Unlock();
            Console.WriteLine($"{left} left: {(refused is null ? "locked" : refused.GetType().Name)}, {locked} bytes locked, {refused?.Message}");
            if (refused is null)
            {
                return refusals >= 2 && !inconclusive ? 0 : Inconclusive;
            }

            refusals++;
            inconclusive |= refused is OutOfMemoryException;
            if (locked != 0 || refused is not (OutOfMemoryException or MemoryPagesException { Reason: ErrorReason.TooManyMappings }))
            {
                return 1;
            }
        }

        return Inconclusive;
    }

    /// <summary>What it costs to find out that mappings are what the process has too many of: there may be no memory for much.</summary>
    [Scenario]
    public static int BytesOfAnErrorAtTheMappingLimit(string[] arguments)
    {
        int limit = int.Parse(File.ReadAllText(Needed.File("/proc/sys/vm/max_map_count")));
        if (limit > 200_000)
        {
            Console.WriteLine($"vm.max_map_count is {limit}");
            return 77;
        }

        using Pages<ReadWrite> pages = Pages.Allocate(9 * s_page);
        GC.TryStartNoGCRegion(100 << 20, 80 << 20);
        long bytes = 0;
        SystemCallFailure.During(
            () =>
            {
                Exception? Fail() => Refusal(() => pages.Lock(LockMode.OnFault));
                Fail(); // the runtime has loaded now what an error needs
                bytes = GC.GetAllocatedBytesForCurrentThread();
                MemoryPagesException refused = (MemoryPagesException)WithEntriesLeft(limit, 7, Fail)!;
                bytes = refused.Reason == ErrorReason.TooManyMappings ? GC.GetAllocatedBytesForCurrentThread() - bytes : -1;
            },
            new FailingCall(SystemCallFailure.Mlock2, SystemCallFailure.ENOMEM));
        Console.WriteLine($"{bytes} bytes");
        return bytes is >= 0 and < 200_000 ? 0 : 1;
    }

    /// <summary>Fills the process's list of mappings, and empties it again: at the limit the runtime itself cannot live long.</summary>
    private static Exception? WithEntriesLeft(int limit, int left, Func<Exception?> code)
    {
        // Alternating protections: each page is a mapping of its own, and unmapping the first of them gives back one entry.
        nuint length = (nuint)limit * s_page;
        nint filler = Kernel.Map(0, length, 0, Kernel.PrivateAnonymous | Kernel.NoReserve, -1, 0);
        for (nuint i = 1; i < (nuint)limit && Kernel.Protect(filler + (nint)(i * s_page), s_page, Kernel.ReadBit) == 0; i += 2)
        {
        }

        for (int i = 0; i < left; i++)
        {
            _ = Kernel.Unmap(filler + (i * (nint)s_page), s_page);
        }

        try
        {
            return code();
        }
        finally
        {
            _ = Kernel.Unmap(filler, length);
        }
    }

    private static Exception? Refusal(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception refused)
        {
            return refused;
        }
    }

    private static long Count(string kind, string path, bool prefault)
    {
        switch (kind)
        {
            case "Memory":
                using (Pages<ReadWrite> pages = Pages.Allocate(3000 * s_page))
                {
                    pages.Advise(Advice.NoHugePage);
                    if (prefault)
                    {
                        pages.Prefault();
                    }

                    return FaultsOf(() =>
                    {
                        for (nuint i = 0; i < 3000; i++)
                        {
                            pages.Write(i * s_page, 1);
                        }
                    });
                }

            case "ReadOnlyMemory":
                using (Pages<ReadOnly> pages = Pages.Allocate<ReadOnly>(3000 * s_page))
                {
                    pages.Advise(Advice.NoHugePage);
                    return FaultsOfReading(pages, prefault);
                }

            case "File":
                using (Pages<ReadOnly> pages = Pages.Map(path))
                {
                    return FaultsOfReading(pages, prefault);
                }

            default:
                using (Pages<ReadWrite> pages = Pages.MapShared(path))
                {
                    return FaultsOfReading(pages.DenyWrite(), prefault);
                }
        }
    }

    private static long FaultsOfReading(Pages<ReadOnly> pages, bool prefault)
    {
        if (prefault)
        {
            pages.Prefault();
        }

        return FaultsOf(() =>
        {
            for (nuint i = 0; i < 3000; i++)
            {
                _ = pages.Read<byte>(i * s_page);
            }
        });
    }

    private static long FaultsOf(Action touch)
    {
        _ = SystemMap.Faults();
        long before = SystemMap.Faults().Minor;
        touch();
        return SystemMap.Faults().Minor - before;
    }
}
