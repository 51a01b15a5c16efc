using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Address space without memory, and memory in it.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <summary>Programs of 64 bits have their first 4 GiB out of use (ld's __PAGEZERO), and the kernel does not show that as a region.</summary>
    private static readonly nuint s_lowestMappable = (nuint)1 << 32;

    /// <summary>MACH_VM_MAX_ADDRESS of arm64 (osfmk/mach/arm/vm_param.h), which is below that of x86-64.</summary>
    private static readonly nuint s_endOfAddresses = ((nuint)1 << 47) - ((nuint)32 << 20);

    public override SystemError Reserve(in ReserveRequest request, out MappedRange range)
    {
        if (request.LowestAddress == 0 && request.HighestAddress == 0 && request.NearAddress == 0)
        {
            return Place(0, request.Length, 0, request.Alignment, out range);
        }

        const int Attempts = 16;
        range = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (NearestGap(request) is not nuint gap)
            {
                return new SystemError("mmap", Errno.ENOMEM);
            }

            SystemError error = Take(gap, request.Length, PROT_NONE, 0);
            if (!error.Failed)
            {
                range = new MappedRange(gap, gap, request.Length);
                return SystemError.None;
            }

            if (error.Code != Errno.ENOMEM)
            {
                return error;
            }

            // Another thread was given it in between: look again.
        }

        return new SystemError("mmap", Errno.EEXIST);
    }

    public override SystemError Commit(nuint address, nuint length) =>
        mprotect(address, length, PROT_READ | PROT_WRITE) == 0 ? SystemError.None : Errno.Last("mprotect");

    /// <summary>
    /// Mapped over with fresh memory: what was there is gone, locked or not, and at no moment could another thread be given the addresses.
    /// </summary>
    public override SystemError Decommit(nuint address, nuint length) =>
        mmap(address, length, PROT_NONE, Private | MAP_FIXED, OrdinaryPages, 0) == MAP_FAILED ? Errno.Last("mmap") : SystemError.None;

    public override nuint? NearestGap(in ReserveRequest request)
    {
        nuint end = request.HighestAddress == 0 ? s_endOfAddresses : Math.Min(s_endOfAddresses, request.HighestAddress + 1);
        nuint free = Math.Max(request.LowestAddress, s_lowestMappable);
        nuint? best = null;
        while (true)
        {
            nuint next = free;
            nuint length = 0;
            bool isBounded = free < end && MacRegions.TryNext(_task, ref next, out length, out _) && next < end;
            if (request.PlaceBetween(free, isBounded ? next : end) is nuint place
                && (best is not nuint before || request.DistanceAt(place) < request.DistanceAt(before)))
            {
                best = place;
            }

            if (!isBounded || (best is not null && request.NearAddress == 0))
            {
                return best;
            }

            free = next + length;
        }
    }

    /// <summary>Addresses without memory, aligned, between guards; what was taken beyond that is given back.</summary>
    private SystemError Place(nuint near, nuint length, nuint guard, nuint alignment, out MappedRange range)
    {
        range = default;
        nuint slack = alignment - PageSize;
        if (length > nuint.MaxValue / 2 || guard > nuint.MaxValue / 8 || slack > nuint.MaxValue / 8)
        {
            return new SystemError("mmap", Errno.ENOMEM); // what the kernel would say, without the sum overflowing on the way
        }

        nuint total = length + (2 * guard) + slack;
        nuint start = mmap(near, total, PROT_NONE, Private, OrdinaryPages, 0);
        if (start == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        nuint address = MemoryPages.PageSize.AlignUp(start + guard, alignment);
        range = new MappedRange(address, address - guard, length + (2 * guard));
        nuint rest = range.ReservedAddress + range.ReservedLength;
        if (range.ReservedAddress > start)
        {
            _ = Unmap(start, range.ReservedAddress - start);
        }

        if (start + total > rest)
        {
            _ = Unmap(rest, start + total - rest);
        }

        return SystemError.None;
    }

    /// <summary>Exactly these addresses, if nothing is there: mmap(2) has no such wish, mach_vm_allocate has no other.</summary>
    /// <param name="address">The first.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">What is allowed there; the kernel begins with reading and writing.</param>
    /// <param name="flags">Of the kind of pages; 0 for ordinary ones.</param>
    private SystemError Take(nuint address, nuint length, int protection, int flags)
    {
        ulong place = address;
        SystemError error = MacErrors.OfMach("mach_vm_allocate", mach_vm_allocate(_task, &place, length, VM_FLAGS_FIXED | flags));
        if (!error.Failed && mprotect(address, length, protection) != 0)
        {
            error = Errno.Last("mprotect");
            _ = Unmap(address, length);
        }

        return error;
    }
}
