using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.MappingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Growing where it stands, and moving: mremap(2).</summary>
internal sealed partial class LinuxMemorySystem
{
    /// <remarks>mremap(2) itself would grant it; this is what the access says.</remarks>
    public override SystemError BehindEndOfFile => new("mremap", Errno.EFAULT);

    /// <summary>
    /// Only the last page is named, with its wished new length: mremap refuses ranges of several kernel mappings (which advice or locks on a
    /// part make), but the last page is always of one, and what is added takes over its protection, advice and lock.
    /// </summary>
    public override SystemError GrowInPlace(nuint end, nuint extra, nuint pageSize) =>
        mremap(end - pageSize, pageSize, pageSize + extra, 0, 0) == MAP_FAILED ? Errno.Last("mremap") : SystemError.None;

    public override SystemError Move(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to)
    {
        if (guard == 0 && alignment <= PageSize)
        {
            nuint address = mremap(from.Address, length, newLength, MREMAP_MAYMOVE, 0);
            if (address != MAP_FAILED)
            {
                to = new MappedRange(address, address, newLength);
                return SystemError.None;
            }

            SystemError error = Errno.Last("mremap");
            if (error.Code != Errno.EFAULT)
            {
                to = default;
                return error;
            }

            // EFAULT: the range is of several kernel mappings. They are moved one by one.
        }

        return MoveByParts(from, length, newLength, guard, alignment, out to);
    }

    private SystemError MoveByParts(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to)
    {
        IReadOnlyList<MemoryRegion> regions = LinuxProcessMaps.Read(from.Address, length); // may throw: nothing is reserved yet
        SystemError error = ReserveAround(0, newLength, guard, alignment, out to);
        if (error.Failed)
        {
            return error;
        }

        // The last part first: it grows, so it is the one that may fail for want of memory, and nothing has moved then.
        nuint vacated = to.Address + length;
        for (int i = regions.Count - 1; i >= 0; i--)
        {
            (nuint start, nuint size) = Part(regions[i], from.Address, length);
            nuint target = to.Address + (start - from.Address);
            nuint newSize = i == regions.Count - 1 ? newLength - (start - from.Address) : size;
            if (mremap(start, size, newSize, MREMAP_MAYMOVE | MREMAP_FIXED, target) == MAP_FAILED)
            {
                error = Errno.Last("mremap");
                MoveBack(regions, i + 1, from.Address, length, to.Address);
                UnmapAround(to, vacated, to.Address + length);
                to = default;
                return error;
            }

            vacated = target;
        }

        UnmapAround(from, from.Address, from.Address + length);
        return SystemError.None;
    }

    /// <summary>Ends a reservation but for the addresses that were moved away from: these may be another thread's by now.</summary>
    private void UnmapAround(in MappedRange range, nuint vacatedStart, nuint vacatedEnd)
    {
        nuint end = range.ReservedAddress + range.ReservedLength;
        if (vacatedStart > range.ReservedAddress)
        {
            _ = Unmap(range.ReservedAddress, vacatedStart - range.ReservedAddress);
        }

        if (end > vacatedEnd)
        {
            _ = Unmap(vacatedEnd, end - vacatedEnd);
        }
    }

    /// <summary>
    /// Puts moved parts back. Another thread may have been given their old addresses meanwhile: these are taken first without replacing anything.
    /// If that fails, half of the pages are elsewhere and nothing true can be said about them any more.
    /// </summary>
    private static void MoveBack(IReadOnlyList<MemoryRegion> regions, int first, nuint address, nuint length, nuint movedTo)
    {
        for (int i = first; i < regions.Count; i++)
        {
            (nuint start, nuint size) = Part(regions[i], address, length);
            nuint moved = movedTo + (start - address);
            nuint place = mmap(start, size, PROT_NONE, ReservationFlags | MAP_FIXED_NOREPLACE, -1, 0);
            if (place != start || mremap(moved, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, start) == MAP_FAILED)
            {
                Environment.FailFast($"MemoryPages: a failed move of {length:N0} bytes at 0x{address:x} could not be undone; the process cannot go on safely.");
            }
        }
    }

    private static (nuint Start, nuint Size) Part(MemoryRegion region, nuint address, nuint length)
    {
        nuint start = Math.Max(region.Address, address);
        nuint end = Math.Min(region.Address + region.Length, address + length);
        return (start, end - start);
    }
}
