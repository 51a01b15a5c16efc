using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.PageScanCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Transparent huge pages: which pages are in them, and gathering others into them (Documentation/admin-guide/mm/transhuge.rst).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    public override SystemError CountHugeBytes(nuint address, nuint length, out nuint bytes)
    {
        bytes = 0;
        var runs = new List<PageRun>();
        SystemError error = PageMapOf(out SafeFileHandle? pageMap);
        if (error.Failed)
        {
            return error;
        }

        if (ScanByCall(pageMap!, address, length, runs).Failed)
        {
            error = ExplainHugePages(address, length, out HugePageReport? report);
            bytes = report?.Huge ?? 0;
            return error;
        }

        foreach (PageRun run in runs)
        {
            bytes += (run.State & PageState.Huge) != 0 ? run.Length : 0;
        }

        return SystemError.None;
    }

    /// <remarks>The kernel goes on behind a huge page that it could not make, and gives the last reason at the end.</remarks>
    public override SystemError Collapse(nuint address, nuint length)
    {
        if (!IsSupported(Advice.Collapse))
        {
            return new SystemError("madvise", Errno.EINVAL);
        }

        SystemError error = Advise(address, length, Advice.Collapse);
        return error.Code is Errno.EAGAIN or Errno.EBUSY or Errno.EINVAL or Errno.ENOMEM ? SystemError.None : error;
    }

    public override SystemError ExplainHugePages(nuint address, nuint length, out HugePageReport? report)
    {
        report = null;
        using SafeFileHandle? flags = OpenPageFlags();
        var explanation = new LinuxHugePageExplanation(LinuxHugePageSettings.Read(), page => flags is not null && IsOfHugePage(flags, page));
        var runs = new List<PageRun>();
        foreach (MemoryRegion region in RegionsOf(address, length))
        {
            runs.Clear();
            SystemError error = ScanPages(region, address, length, runs, out bool seesHuge);
            if (error.Failed)
            {
                return error;
            }

            explanation.Add(region, address, length, runs, seesHuge);
        }

        report = explanation.ToReport(length);
        return SystemError.None;
    }

    /// <summary>
    /// The kernel gives its list in pieces. A mapping that is joined to one before it between two of them, because another thread maps or protects,
    /// is missed: so a list that leaves a gap in the range is read again, as there may be one really.
    /// </summary>
    private static IReadOnlyList<MemoryRegion> RegionsOf(nuint address, nuint length)
    {
        const int Attempts = 4;
        IReadOnlyList<MemoryRegion> best = [];
        nuint covered = 0;
        for (int attempt = 0; attempt < Attempts && covered < length; attempt++)
        {
            IReadOnlyList<MemoryRegion> regions = LinuxProcessMaps.ReadDetailed(address, length);
            nuint found = 0;
            nuint reached = address;
            foreach (MemoryRegion region in regions)
            {
                nuint start = Math.Max(region.Address, reached); // not before: that was told already
                nuint end = Math.Min(region.Address + region.Length, address + length);
                found += start < end ? end - start : 0;
                reached = Math.Max(reached, end);
            }

            (best, covered) = found > covered ? (regions, found) : (best, covered);
        }

        return best;
    }

    /// <summary>
    /// What is in memory or swapped out of a region, where it can matter to a range in it: of the huge pages that reach into the range, whole.
    /// </summary>
    private SystemError ScanPages(MemoryRegion region, nuint start, nuint length, List<PageRun> runs, out bool seesHuge)
    {
        seesHuge = false;
        SystemError error = PageMapOf(out SafeFileHandle? pageMap);
        if (error.Failed)
        {
            return error;
        }

        nuint block = Math.Max(TransparentHugePageSize, PageSize);
        nuint first = Math.Max(region.Address, MemoryPages.PageSize.AlignDown(start, block));
        nuint last = Math.Min(region.Address + region.Length - 1, (start + length - 1) | (block - 1));
        error = ScanByCall(pageMap!, first, last + 1 - first, runs);
        seesHuge = !error.Failed;
        return seesHuge ? error : ScanByEntries(pageMap!, first, last + 1 - first, LinuxHugePageExplanation.IsMemory(region), runs);
    }

    private static SystemError ScanByCall(SafeFileHandle pageMap, nuint address, nuint length, List<PageRun> runs)
    {
        const int Most = 256;
        Region* regions = stackalloc Region[Most];
        var arguments = new ScanArguments
        {
            Size = (ulong)sizeof(ScanArguments),
            Start = address,
            End = address + length,
            Regions = regions,
            RegionsLength = Most,
            Any = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
            Told = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_HUGE | PAGE_IS_PFNZERO,
        };
        while (arguments.Start < arguments.End)
        {
            int count = PageScanCalls.ioctl(pageMap, PAGEMAP_SCAN, &arguments);
            if (count < 0)
            {
                return Errno.Last(nameof(PAGEMAP_SCAN));
            }

            foreach (Region region in new ReadOnlySpan<Region>(regions, count))
            {
                if ((region.Categories & PAGE_IS_PFNZERO) == 0)
                {
                    runs.Add(new PageRun((nuint)region.Start, (nuint)(region.End - region.Start), StateOf(region.Categories)));
                }
            }

            arguments.Start = arguments.WalkEnd;
        }

        return SystemError.None;
    }

    private static PageState StateOf(ulong categories) =>
        ((categories & PAGE_IS_PRESENT) != 0 ? PageState.Present : 0)
        | ((categories & PAGE_IS_SWAPPED) != 0 ? PageState.Swapped : 0)
        | ((categories & PAGE_IS_HUGE) != 0 ? PageState.Huge : 0);

    /// <summary>Before Linux 6.7: page by page, without a word about huge ones.</summary>
    private SystemError ScanByEntries(SafeFileHandle pageMap, nuint address, nuint length, bool isMemory, List<PageRun> runs)
    {
        Span<ulong> entries = stackalloc ulong[512];
        runs.Clear();
        for (nuint done = 0; done < length;)
        {
            Span<ulong> piece = entries[..(int)Math.Min((nuint)entries.Length, (length - done) / PageSize)];
            SystemError error = ReadEntries(pageMap, address + done, piece);
            if (error.Failed)
            {
                return error;
            }

            foreach (ulong entry in piece)
            {
                PageState state = StateOfEntry(entry, isMemory);
                if (state != PageState.None)
                {
                    bool goesOn = runs.Count != 0 && runs[^1].State == state && runs[^1].Address + runs[^1].Length == address + done;
                    if (goesOn)
                    {
                        runs[^1] = runs[^1] with { Length = runs[^1].Length + PageSize };
                    }
                    else
                    {
                        runs.Add(new PageRun(address + done, PageSize, state));
                    }
                }

                done += PageSize;
            }
        }

        return SystemError.None;
    }

    /// <summary>
    /// The pages of zeros are nobody's own, and the huge one counts as a file's. A page that a forked process has too is not told apart from them:
    /// mostly that lasts a moment only.
    /// </summary>
    private static PageState StateOfEntry(ulong entry, bool isMemory)
    {
        ulong own = isMemory ? PageMapCalls.Exclusive : PageMapCalls.Exclusive | PageMapCalls.Shared;
        bool isZeros = isMemory && (entry & PageMapCalls.Shared) != 0;
        return (entry & PageMapCalls.Swapped) != 0 ? PageState.Swapped
            : (entry & PageMapCalls.Present) != 0 && (entry & own) != 0 && !isZeros ? PageState.Present
            : PageState.None;
    }

    /// <summary>For root only; null for others.</summary>
    private SafeFileHandle? OpenPageFlags()
    {
        var file = new SafeFileHandle();
        if (!OpenFile("/proc/kpageflags", forWriting: false, file).Failed)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Whether the page's frame is a part of a huge page, however it is mapped.</summary>
    private bool IsOfHugePage(SafeFileHandle pageFlags, nuint page)
    {
        ulong frame;
        if (ReadFrames(page, new Span<ulong>(&frame, 1)).Failed || !PhysicalFrame.IsAddress(frame))
        {
            return false;
        }

        ulong flags;
        long place = (long)(frame / PageSize) * sizeof(ulong);
        return PageMapCalls.pread(pageFlags, &flags, sizeof(ulong), place) == sizeof(ulong) && (flags & PageMapCalls.TransparentHuge) != 0;
    }
}
