using System.Globalization;
using MemoryPages.Platform;

namespace MemoryPages.Tests.Simulation;

/// <content>Where the real system's addresses come from, and what is done with them in fact.</content>
internal sealed unsafe partial class SimulatedSystem
{
    private const int NoReplace = 0x100000;
    private const int DontNeed = 4;
    private const int MayMoveFixed = 3;

    private static readonly nuint s_mostAddresses = (nuint)1 << 46;

    /// <summary>Takes addresses, without access. They are a multiple of what is asked for and, so that nobody relies on more, of nothing else.</summary>
    private bool TryPlace(nuint near, nuint length, nuint guard, nuint alignment, out MappedRange range)
    {
        range = default;
        nuint step = Math.Max(alignment, facts.Granularity);
        if (length > s_mostAddresses || guard > s_mostAddresses || step > s_mostAddresses)
        {
            return false;
        }

        if (near != 0 && guard == 0 && near % step == 0 && TryTake(near, length))
        {
            range = new MappedRange(near, near, length);
            return true;
        }

        nuint total = length + (2 * guard) + (3 * step);
        nint taken = Kernel.Map((nint)near, total, 0, Kernel.PrivateAnonymous, -1, 0);
        if (taken == Kernel.Failed)
        {
            return false;
        }

        nuint start = (nuint)taken;
        nuint address = MemoryPages.PageSize.AlignUp(start + guard, step);
        address += address % (2 * step) == 0 ? step : 0;
        range = new MappedRange(address, address - guard, length + (2 * guard));
        UnmapReally(start, range.ReservedAddress);
        UnmapReally(range.ReservedAddress + range.ReservedLength, start + total);
        return true;
    }

    /// <summary>Looks for the nearest gap in the real system's list, or the lowest.</summary>
    private bool TryPlaceBetween(in ReserveRequest request, out MappedRange range)
    {
        nuint highest = request.HighestAddress == 0 ? nuint.MaxValue : request.HighestAddress;
        nuint? gap = FindGap(request, highest);
        bool isPlaced = gap is { } found && found >= request.LowestAddress && request.Length - 1 <= highest - found && TryTake(found, request.Length);
        range = isPlaced ? new MappedRange(gap!.Value, gap.Value, request.Length) : default;
        return isPlaced;
    }

    private nuint? FindGap(in ReserveRequest request, nuint highest)
    {
        nuint step = Math.Max(request.Alignment, facts.Granularity);
        nuint middle = request.NearAddress > request.Length / 2 ? request.NearAddress - (request.Length / 2) : 0;
        nuint free = Math.Max(request.LowestAddress, 1 << 16);
        nuint? best = null;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] bounds = line.Split(' ')[0].Split('-');
            nuint start = nuint.Parse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            nuint end = Math.Min(line.EndsWith("[stack]", StringComparison.Ordinal) ? start - (128 << 20) : start, highest);
            nuint first = MemoryPages.PageSize.AlignUp(free, step);
            if (end > first && end - first >= request.Length)
            {
                nuint last = MemoryPages.PageSize.AlignDown(end - request.Length, step);
                nuint place = request.NearAddress == 0 ? first : Math.Clamp(MemoryPages.PageSize.AlignDown(middle, step), first, last);
                if (request.NearAddress == 0)
                {
                    return place;
                }

                best = best is not { } before || request.DistanceAt(place) < request.DistanceAt(before) ? place : best;
            }

            free = Math.Max(free, nuint.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }

        return best;
    }

    /// <summary>Takes addresses, without access, where nothing is.</summary>
    private static bool TryTake(nuint address, nuint length)
    {
        nint taken = Kernel.Map((nint)address, length, 0, Kernel.PrivateAnonymous | NoReplace, -1, 0);
        if (taken != (nint)address && taken != Kernel.Failed)
        {
            Must(Kernel.Unmap(taken, length) == 0);
        }

        return taken == (nint)address;
    }

    private static void UnmapReally(nuint start, nuint end)
    {
        if (end > start)
        {
            Must(Kernel.Unmap((nint)start, end - start) == 0);
        }
    }

    private static void MapOver(nuint address, nuint length, int protection) =>
        Must(Kernel.Map((nint)address, length, protection, Kernel.PrivateAnonymous | Kernel.Fixed, -1, 0) == (nint)address);

    private static void Clear(SimulatedRange part) => Must(Kernel.Advise((nint)part.Start, part.Length, DontNeed) == 0);

    /// <summary>Whole, or page by page where the real system holds it as several mappings.</summary>
    private static void MoveReally(SimulatedRange part, nuint target)
    {
        if (Kernel.Move((nint)part.Start, part.Length, part.Length, MayMoveFixed, (nint)target) == (nint)target)
        {
            return;
        }

        for (nuint offset = 0; offset < part.Length; offset += s_realPage)
        {
            Must(Kernel.Move((nint)(part.Start + offset), s_realPage, s_realPage, MayMoveFixed, (nint)(target + offset)) == (nint)(target + offset));
        }
    }
}
