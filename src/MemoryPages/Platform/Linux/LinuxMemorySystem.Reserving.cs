using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.MappingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Address space without memory, and memory in it.</summary>
/// <remarks>
/// A reservation is a private mapping without access and without <c>MAP_NORESERVE</c>: the kernel charges private memory when it becomes writable, so
/// reserving costs nothing, and committing (mprotect) is charged and may be refused, under strict overcommit, while nothing depends on it yet.
/// </remarks>
internal sealed partial class LinuxMemorySystem
{
    private const int ReservationFlags = MAP_PRIVATE | MAP_ANONYMOUS;

    public override SystemError Reserve(in ReserveRequest request, out MappedRange range) =>
        request.LowestAddress != 0 || request.HighestAddress != 0 || request.NearAddress != 0
            ? ReserveBetween(request, out range)
            : ReserveAround(0, request.Length, guard: 0, request.Alignment, out range);

    /// <summary>mprotect, never mmap over it: a failure of that would leave a hole.</summary>
    public override SystemError Commit(nuint address, nuint length) =>
        mprotect(address, length, PROT_READ | PROT_WRITE) == 0 ? SystemError.None : Errno.Last("mprotect");

    /// <summary>
    /// Mapping it anew is the one call that also gives the commit charge back (MADV_DONTNEED with PROT_NONE keeps it), and at no moment could another
    /// thread be given the addresses. Locks, advice and guards of the part go with it.
    /// </summary>
    public override SystemError Decommit(nuint address, nuint length) =>
        mmap(address, length, PROT_NONE, ReservationFlags | MAP_FIXED, -1, 0) == MAP_FAILED ? Errno.Last("mmap") : SystemError.None;

    /// <summary>Looks for a gap in the list of mappings, and takes it only if it is still one.</summary>
    private SystemError ReserveBetween(in ReserveRequest request, out MappedRange range)
    {
        const int Attempts = 16;
        nuint highest = request.HighestAddress == 0 ? nuint.MaxValue : request.HighestAddress;
        range = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if ((request.NearAddress == 0 ? FindGap(request, highest) : FindNearestGap(request)) is not nuint gap
                || gap < request.LowestAddress || request.Length - 1 > highest - gap)
            {
                return new SystemError("mmap", Errno.ENOMEM);
            }

            nuint address = mmap(gap, request.Length, PROT_NONE, ReservationFlags | MAP_FIXED_NOREPLACE, -1, 0);
            if (address == gap)
            {
                range = new MappedRange(gap, gap, request.Length);
                return SystemError.None;
            }

            if (address != MAP_FAILED)
            {
                _ = munmap(address, request.Length); // before Linux 4.17 the address is a wish
            }

            // Another thread was given it in between: look again.
        }

        return new SystemError("mmap", Errno.EEXIST);
    }

    private nuint? FindGap(in ReserveRequest request, nuint highest)
    {
        if (!MemoryPages.PageSize.TryAlignUp(Math.Max(request.LowestAddress, LowestMappable), request.Alignment, out nuint first))
        {
            return null;
        }

        foreach (MemoryRegion region in LinuxProcessMaps.Read(0, nuint.MaxValue))
        {
            if (region.Address > first && region.Address - first >= request.Length)
            {
                break;
            }

            if (!MemoryPages.PageSize.TryAlignUp(region.Address + region.Length, request.Alignment, out nuint behind))
            {
                break; // the kernel's own page at the very end
            }

            first = Math.Max(first, behind);
        }

        return first <= highest && request.Length - 1 <= highest - first ? first : null;
    }

    /// <summary>vm.mmap_min_addr keeps the first addresses free, so that null pointers fault.</summary>
    private nuint LowestMappable { get; } = Math.Max(1, (nuint)LinuxFiles.ReadNumber("/proc/sys/vm/mmap_min_addr"));
}
