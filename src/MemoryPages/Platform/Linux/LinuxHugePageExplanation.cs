using System.Globalization;
using MemoryPages.Diagnostics;

namespace MemoryPages.Platform.Linux;

/// <summary>
/// Finds the reason for each byte of a range that is not in a huge page. Knows what it is told only: so tests can tell it of other machines.
/// </summary>
/// <param name="settings">What is settled.</param>
/// <param name="isOfHugePage">Whether the frame of a page is a part of a huge page, however it is mapped; false where that is not known.</param>
internal sealed class LinuxHugePageExplanation(LinuxHugePageSettings settings, Func<nuint, bool> isOfHugePage)
{
    private readonly nuint[] _bytes = new nuint[Enum.GetValues<HugePageReason>().Length];
    private nuint _huge;

    /// <summary>Whether no file is behind a region.</summary>
    public static bool IsMemory(MemoryRegion region) => region.Name.Length == 0 || region.Name[0] == '[';

    /// <summary>Judges the part of a region that lies in the range.</summary>
    /// <param name="region">One mapping, with its details.</param>
    /// <param name="address">The range's first byte.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="runs">What is there, in order: at least of the huge pages that reach into the range.</param>
    /// <param name="seesHuge">Whether <see cref="PageState.Huge"/> is told.</param>
    public void Add(MemoryRegion region, nuint address, nuint length, IReadOnlyList<PageRun> runs, bool seesHuge)
    {
        nuint start = Math.Max(region.Address, address);
        nuint end = Math.Min(region.Address + region.Length, address + length);
        if (region.Name == "[vsyscall]" || start >= end)
        {
            return; // the kernel's own page, above what a process has
        }

        if (region.PageSize > MemorySystem.Current.PageSize)
        {
            nuint present = PresentIn(runs, start, end);
            _huge += present;
            Count(HugePageReason.NotTouched, end - start - present);
            return;
        }

        nuint block = settings.Size;
        bool isPossible = block != 0 && !HasFlag(region, "io") && !HasFlag(region, "pf");
        if (!isPossible)
        {
            Count(HugePageReason.Unsupported, end - start);
            return;
        }

        nuint regionEnd = region.Address + region.Length;
        nuint first = MemoryPages.PageSize.TryAlignUp(region.Address, block, out nuint up) ? up : regionEnd;
        nuint last = MemoryPages.PageSize.AlignDown(regionEnd, block);
        if (first >= last || !IsFileAligned(region, block))
        {
            Count(HugePageReason.Unaligned, end - start);
            return;
        }

        nuint innerStart = Math.Max(start, first);
        nuint innerEnd = Math.Min(end, last);
        if (innerStart >= innerEnd)
        {
            Count(HugePageReason.Unaligned, end - start);
            return;
        }

        Count(HugePageReason.Unaligned, end - start - (innerEnd - innerStart));
        AddBlocks(innerStart, innerEnd, runs, ObstacleOf(region), seesHuge ? 0 : region.TransparentHuge);
    }

    public HugePageReport ToReport(nuint length) => new()
    {
        Length = length,
        Huge = _huge,
        Obstacles = [.. Enum.GetValues<HugePageReason>().Where(reason => _bytes[(int)reason] != 0)
            .Select(reason => new HugePageObstacle(reason, _bytes[(int)reason], LinuxHugePageRemedies.For(reason, settings)))
            .OrderByDescending(static obstacle => obstacle.Bytes)],
    };

    private static bool HasFlag(MemoryRegion region, string flag) => region.Flags.Split(' ').Contains(flag);

    /// <summary>Files without a name in any folder: memory files, memory of System V, shared memory without a file.</summary>
    private static bool IsMemoryFile(MemoryRegion region) => region.Name.StartsWith("/memfd:", StringComparison.Ordinal)
        || region.Name.StartsWith("/SYSV", StringComparison.Ordinal) || region.Name.StartsWith("/dev/zero", StringComparison.Ordinal);

    /// <summary>A huge page of a file begins at a multiple of its size in the file too.</summary>
    private static bool IsFileAligned(MemoryRegion region, nuint block) => IsMemory(region)
        || (nuint.TryParse(Word(region, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out nuint offset)
            && ((region.Address - offset) & (block - 1)) == 0);

    private static string Word(MemoryRegion region, int index) => region.Line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[index];

    private static nuint PresentIn(IReadOnlyList<PageRun> runs, nuint start, nuint end)
    {
        nuint present = 0;
        foreach (PageRun run in runs)
        {
            nuint from = Math.Max(run.Address, start);
            nuint to = Math.Min(run.Address + run.Length, end);
            present += (run.State & PageState.Present) != 0 && from < to ? to - from : 0;
        }

        return present;
    }

    /// <summary>What keeps the whole region from them, or null.</summary>
    private HugePageReason? ObstacleOf(MemoryRegion region)
    {
        bool isAdvised = HasFlag(region, "hg");
        if (settings.IsForbidden && !(settings.IsAdviceHeeded && isAdvised))
        {
            return HugePageReason.ForbiddenToProcess;
        }

        if (HasFlag(region, "nh"))
        {
            return HugePageReason.ForbiddenByAdvice;
        }

        if (IsMemory(region))
        {
            return settings.Enabled switch
            {
                "never" or "" => HugePageReason.SystemSetting,
                "madvise" when !isAdvised => HugePageReason.NotAdvised,
                _ => null,
            };
        }

        string? option = IsMemoryFile(region) ? settings.SharedEnabled : LinuxMountOptions.HugeOptionOfTmpfs(Word(region, 3));
        return option is null
            ? (region.IsHugeEligible ? null : HugePageReason.FileNotSupported)
            : (settings.SharedEnabled is "deny" or "force" ? settings.SharedEnabled : option) switch
            {
                "never" or "deny" or "" => HugePageReason.SharedMemorySetting,
                "advise" when !isAdvised => HugePageReason.NotAdvised,
                _ => null,
            };
    }

    /// <summary>Huge page by huge page; those of which nothing is there are what remains.</summary>
    private void AddBlocks(nuint start, nuint end, IReadOnlyList<PageRun> runs, HugePageReason? obstacle, nuint hugeOfRegion)
    {
        nuint block = settings.Size;
        nuint rest = end - start;
        var at = default(Block);
        foreach (PageRun run in runs)
        {
            nuint runEnd = run.Address + run.Length;
            for (nuint from = run.Address; from < runEnd;)
            {
                nuint number = MemoryPages.PageSize.AlignDown(from, block);
                if (at.Seen != 0 && at.Address != number)
                {
                    rest -= AddBlock(at, start, end, obstacle, ref hugeOfRegion);
                    at = default;
                }

                nuint to = Math.Min(runEnd, number + block);
                at = at.With(number, from, to - from, run.State);
                from = to;
            }
        }

        if (at.Seen != 0)
        {
            rest -= AddBlock(at, start, end, obstacle, ref hugeOfRegion);
        }

        Count(obstacle ?? HugePageReason.NotTouched, rest);
    }

    /// <returns>The bytes of it that lie between start and end.</returns>
    private nuint AddBlock(in Block at, nuint start, nuint end, HugePageReason? obstacle, ref nuint hugeOfRegion)
    {
        nuint block = settings.Size;
        nuint from = Math.Max(at.Address, start);
        nuint to = Math.Min(at.Address + block, end);
        if (from >= to)
        {
            return 0;
        }

        bool isHuge = at.Huge == block || (at.Present == block && hugeOfRegion >= block);
        if (isHuge)
        {
            hugeOfRegion -= Math.Min(hugeOfRegion, block);
            _huge += to - from;
        }
        else
        {
            Count(obstacle ?? StateOf(at), to - from);
        }

        return to - from;
    }

    private HugePageReason StateOf(in Block at) =>
        at.Seen != at.Present ? HugePageReason.SwappedOut
        : isOfHugePage(at.FirstPage) ? HugePageReason.Split
        : at.Present != settings.Size ? HugePageReason.PartlyTouched
        : settings.IsFragmented ? HugePageReason.Fragmented
        : HugePageReason.NotCollapsed;

    private void Count(HugePageReason reason, nuint bytes) => _bytes[(int)reason] += bytes;

    /// <summary>What is there of one huge page's addresses. Bytes.</summary>
    private readonly record struct Block(nuint Address, nuint FirstPage, nuint Seen, nuint Present, nuint Huge)
    {
        public Block With(nuint address, nuint page, nuint length, PageState state) => new(
            address,
            Seen == 0 ? page : FirstPage,
            Seen + length,
            Present + ((state & PageState.Present) != 0 ? length : 0),
            Huge + ((state & PageState.Huge) != 0 ? length : 0));
    }
}
