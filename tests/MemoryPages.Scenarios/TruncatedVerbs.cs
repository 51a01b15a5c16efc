#pragma warning disable MP1005 // pages that end under a view are what is tried

using MemoryPages.Testing;
using MemoryPages.Unsafe;
using static MemoryPages.Scenarios.TruncatedFile;

namespace MemoryPages.Scenarios;

/// <summary>What can be done with pages whose file was cut off, and what becomes of zeros that replaced it.</summary>
internal static unsafe class TruncatedVerbs
{
    /// <summary>Zeros stay when the file has content again, until they are refreshed; what was written to them is lost.</summary>
    [Scenario]
    public static int RefreshShowsTheFileAgain(string[] arguments)
    {
        using var file = new TruncatedFile(8);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = 100, SurviveTruncation = true });
        file.SetLength(2 * Page);
        pages.Write(4 * Page, (byte)9);
        Is(pages.Read<byte>(4 * Page) == 9, "what was written to zeros stays for now");
        file.Fill();
        Is(pages.Read<byte>(4 * Page) == 9 && pages.Read<byte>((4 * Page) + 1) == 0, "zeros stay");
        Is(pages.Read<byte>(6 * Page) == Content, "what nobody touched is the file's");
        Is(pages is { WasTruncated: true, Truncation: { Missing: 0, Faults: 1 } }, pages.Truncation.ToString());

        using (pages.Read())
        {
            try
            {
                pages.Refresh();
                return 1;
            }
            catch (InvalidOperationException)
            {
                // leased
            }
        }

        nuint address = (nuint)pages.DangerousPointer();
        pages.Refresh();
        Is(!pages.WasTruncated && pages.Truncation == default, pages.Truncation.ToString());
        Is((nuint)pages.DangerousPointer() == address && MappingsIn(address, 7 * Page) == 1, "one mapping, where it was");
        pages.Write(4 * Page, (byte)5);
        Is(File.ReadAllBytes(file.Path)[(4 * (int)Page) + 100] == 5, "it is the file's page");
        using (ReadView view = pages.Read())
        {
            Is(view.Span.Count(Content) == view.Span.Length - 1, "all of it is the file's");
        }

        file.SetLength(0);
        Is(pages.Read<byte>(0) == 0 && pages.WasTruncated, "and it survives again");
        pages.Refresh(); // to nothing
        Is(!pages.WasTruncated && pages.Read<byte>(0) == 0 && pages.WasTruncated, "refreshed to nothing");
        return 0;
    }

    /// <summary>Pages of zeros have the protection that the pages have, whole or in a scope, before and after it changes.</summary>
    [Scenario]
    public static int ZerosHaveThePagesProtection(string[] arguments)
    {
        using var file = new TruncatedFile(16);
        Pages<ReadWrite> pages = Pages.MapShared(file.Path, Surviving);
        nuint address = (nuint)pages.DangerousPointer();
        file.SetLength(0);
        Is(pages.Read<byte>(0) == 0 && Access(0) == "rw-p", "read-write");

        Pages<ReadOnly> readOnly = pages.DenyWrite();
        Is(Access(0) == "r--p", "what was replaced before follows");
        Is(readOnly.Read<byte>(2 * Page) == 0 && Access(2) == "r--p", "read-only");

        using (ProtectionScope<ReadWrite> scope = readOnly.ProtectScope<ReadWrite>(new PageRange(4 * Page, 2 * Page)))
        using (WriteView view = scope.Write())
        {
            Is(readOnly.Read<byte>(8 * Page) == 0 && Access(8) == "r--p", "beside the scope");
            view[Page] = 7;
            Is(view[Page] == 7 && Access(5) == "rw-p" && Access(4) == "rw-s", "within the scope");
        }

        Is(Access(5) == "r--p" && Access(4) == "r--s" && readOnly.Read<byte>(5 * Page) == 7, "after the scope");
        Is(readOnly.Read<byte>(4 * Page) == 0 && Access(4) == "r--p", "the scope's part is the whole's again");
        Is(readOnly.Truncation.Faults == 5 && readOnly.Truncation.Replaced.Offset == 0, readOnly.Truncation.ToString());

        pages = readOnly.AllowWrite();
        pages.Write(10 * Page, 1L);
        Is(Access(10) == "rw-p", "read-write again");
        pages.Dispose();
        return 0;

        string Access(nuint page) => SystemMap.At(address + (page * Page))!.Access;
    }

    /// <summary>Longer, shorter, elsewhere: what survives is where the pages are.</summary>
    [Scenario]
    public static int ResizedPagesSurvive(string[] arguments)
    {
        using var file = new TruncatedFile(32);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = 3, Length = 8 * Page, SurviveTruncation = true });
        nuint first = (nuint)pages.DangerousPointer();
        file.SetLength(4 * Page);
        Is(pages.Read<byte>(5 * Page) == 0 && pages.Read<byte>(8 * Page - 1) == 0, "before");
        file.Fill();

        // A page of another's behind the mapping, unless there is one already: to grow it must move.
        const int FixedUnlessTaken = 0x100000;
        _ = Kernel.Map((nint)(first - 3 + (9 * Page)), Page, Kernel.ReadBit, Kernel.PrivateAnonymous | FixedUnlessTaken, -1, 0);
        pages.Resize(24 * Page, mayMove: true);
        Is((nuint)pages.DangerousPointer() != first, "it did not move");
        using (ReadView view = pages.Read())
        {
            Is(view.Span.IndexOfAnyExcept(Content) < 0, "growing shows the file again");
        }

        Is(pages.WasTruncated && pages.Truncation is { Missing: 0, Replaced.Length: 0 }, pages.Truncation.ToString());
        file.SetLength(20 * Page);
        Is(pages.Read<byte>(22 * Page) == 0 && pages.Truncation.Replaced.Offset == (22 * Page) - 3, pages.Truncation.ToString());
        Is(pages.Truncation.Missing == (4 * Page) + 3, pages.Truncation.ToString());

        pages.Resize(2 * Page);
        file.SetLength(Page);
        Is(pages.Read<byte>(Page) == 0 && pages.Read<byte>(0) == Content, "after shrinking");

        // What was given back is nobody's: a fault there is a stranger's, and ends the process as ever.
        Is(SystemMap.At((nuint)pages.DangerousPointer() + (8 * Page)) is not { Access: "rw-s" }, "still mapped");
        return 0;
    }

    /// <summary>While a lease is open pages are unmapped when it ends, and survive so long.</summary>
    [Scenario]
    public static int DisposedPagesSurviveUntilTheLastLeaseEnds(string[] arguments)
    {
        using var file = new TruncatedFile(8);
        int descriptors = Descriptors(file.Path);
        Is(descriptors == 0, "the file is open");
        Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
        Is(Descriptors(file.Path) == 1, "a descriptor of our own");
        using (ReadView view = pages.Read())
        {
            pages.Dispose();
            file.SetLength(0);
            Is(view[3 * Page] == 0, "a view that is left over");
            Is(Descriptors(file.Path) == 1, "as long as it can be asked");
        }

        Is(Descriptors(file.Path) == 0, "a descriptor is left");
        return 0;
    }

    /// <summary>Eight threads meet the pages' end at once, while they are disposed: all get through.</summary>
    [Scenario]
    public static int DisposedWhileThreadsFault(string[] arguments)
    {
        using var file = new TruncatedFile(256);
        for (int round = 0; round < 60; round++)
        {
            Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
            SetLengthHere(file, 0);
            using var barrier = new Barrier(9);
            Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
            {
                using ReadView view = pages.Read();
                barrier.SignalAndWait();
                Is(view.Span.IndexOfAnyExcept((byte)0) < 0, "not zero");
            }))];
            Array.ForEach(threads, thread => thread.Start());
            barrier.SignalAndWait();
            pages.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            SetLengthHere(file, file.Length);
        }

        Is(Descriptors(file.Path) == 0, "a descriptor is left");
        return 0;
    }

    /// <summary>More mappings than the first block has slots; all survive, and the slots of those that ended are used again.</summary>
    [Scenario]
    public static int ManyMappingsSurvive(string[] arguments)
    {
        using var file = new TruncatedFile(2);
        var pages = new Pages<ReadOnly>[400];
        for (int round = 0; round < 3; round++)
        {
            SetLengthHere(file, file.Length);
            for (int i = 0; i < pages.Length; i++)
            {
                pages[i] = Pages.Map(file.Path, Surviving);
            }

            SetLengthHere(file, 0);
            Is(pages.All(each => each.Read<byte>(Page) == 0 && each.Truncation.Faults == 1), "one did not survive by itself");
            Array.ForEach(pages, each => each.Dispose());
        }

        Is(Descriptors(file.Path) == 0, "a descriptor is left");
        return 0;
    }

    /// <summary>
    /// Some threads resize pages of a file that is gone, others map the same file where addresses have become free: what replaces a page, and the
    /// note of it, is of who owns the address now.
    /// </summary>
    [Scenario]
    public static int ResizedBesideOthers(string[] arguments)
    {
        const int Most = 300;
        using var file = new TruncatedFile(1);
        file.SetLength(Most * Page);
        DateTime end = DateTime.UtcNow.AddSeconds(3);
        int wrong = 0;
        long mapped = 0;
        Thread[] threads = [.. Enumerable.Range(0, 12).Select(number => new Thread(() =>
        {
            while (DateTime.UtcNow < end)
            {
                using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = (long)Page, SurviveTruncation = true });
                nuint last = pages.Length - 1;
                if (number % 2 == 0)
                {
                    pages.Resize(Page);
                    pages.Resize(pages.Length + last, mayMove: true);
                    pages.Resize(1);
                }
                else
                {
                    // Behind what the file ever had: the very first access is a fault.
                    pages.Resize(2 * Most * Page, mayMove: true);
                    bool isZero = pages.Read<byte>(((2 * Most) - 1) * Page) == 0;
                    Interlocked.Add(ref wrong, isZero && pages.Truncation.Faults == 1 ? 0 : 1);
                    Interlocked.Increment(ref mapped);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Is(wrong == 0 && mapped > 100, $"{wrong} of {mapped} mappings did not know of their own fault");
        return 0;
    }

    /// <summary>The system refuses to map the file again: zeros stay, and so does what is known of them.</summary>
    [Scenario]
    public static int RefusedRefresh(string[] arguments)
    {
        using var file = new TruncatedFile(857);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
        file.SetLength(Page);
        Is(pages.Read<byte>(Page) == 0, "zeros");
        file.Fill();
        TruncationFacts before = pages.Truncation;
        SystemCallFailure.During(
            () => LimitsTold.By(() => pages.Refresh()),
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, 856 * Page));
        Is(pages.Read<byte>(Page) == 0 && pages.Truncation == before, pages.Truncation.ToString());
        pages.Refresh();
        Is(pages.Read<byte>(Page) == Content && !pages.WasTruncated, "refreshed");
        return 0;
    }

    public static int Descriptors(string path) => new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Count(descriptor => descriptor.LinkTarget == path);

    /// <summary>In this process, which is the same to the pages, for what is done often.</summary>
    public static void SetLengthHere(TruncatedFile file, nuint length)
    {
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength((long)length);
    }
}
