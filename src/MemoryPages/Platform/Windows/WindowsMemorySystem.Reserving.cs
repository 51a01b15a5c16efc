using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Address space without memory, and memory in it.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    private const int Attempts = 16;

    public override SystemError Reserve(in ReserveRequest request, out MappedRange range)
    {
        (uint kind, uint protection) = (MEM_RESERVE | (request.ForView && Exports.HasPlaceholders ? MEM_RESERVE_PLACEHOLDER : 0), PAGE_NOACCESS);
        SystemError error = request.NearAddress == 0
            ? Allocate(request, kind, protection, NUMA_NO_PREFERRED_NODE, out nuint address)
            : AllocateInGap(request, kind, protection, NUMA_NO_PREFERRED_NODE, out address);
        range = error.Failed ? default : new MappedRange(address, address, request.Length);
        return error;
    }

    public override SystemError Commit(nuint address, nuint length) =>
        VirtualAlloc(address, length, MEM_COMMIT, PAGE_READWRITE) != 0 ? SystemError.None : Win32Error.Last("VirtualAlloc");

    /// <remarks>Of memory only: a view of a section has nothing to decommit, and is ended instead.</remarks>
    public override SystemError Decommit(nuint address, nuint length) =>
        VirtualFree(address, length, MEM_DECOMMIT) != 0 ? SystemError.None : Win32Error.Last("VirtualFree");

    public override nuint? NearestGap(in ReserveRequest request)
    {
        nuint? best = null;
        nuint least = nuint.MaxValue;
        nuint half = request.Length / 2;
        nuint alignment = Math.Max(request.Alignment, AllocationGranularity);
        nuint wished = MemoryPages.PageSize.AlignDown(request.NearAddress > half ? request.NearAddress - half : 0, alignment); // the middle on the address
        foreach ((nuint start, nuint end) in Gaps())
        {
            if (MemoryPages.PageSize.TryAlignUp(start, alignment, out nuint first) && end > first && end - first >= request.Length)
            {
                nuint place = Math.Clamp(wished, first, MemoryPages.PageSize.AlignDown(end - request.Length, alignment));
                nuint distance = request.DistanceAt(place);
                (best, least) = distance < least ? (place, distance) : (best, least);
            }
        }

        return best;
    }

    /// <summary>One call where the system takes wishes; else a gap is looked for, and taken only if it is still one.</summary>
    private SystemError Allocate(in ReserveRequest request, uint kind, uint protection, uint node, out nuint address)
    {
        if (request.Length > HighestMappable)
        {
            address = 0;
            return new SystemError("VirtualAlloc", Win32Error.ERROR_NOT_ENOUGH_MEMORY); // the system calls it an invalid parameter
        }

        bool isPlain = request.Alignment <= AllocationGranularity && request.LowestAddress == 0 && request.HighestAddress == 0;
        if (isPlain && (kind & MEM_RESERVE_PLACEHOLDER) == 0)
        {
            address = VirtualAllocExNuma(ProcessCalls.CurrentProcess, 0, request.Length, kind, protection, node);
            return address != 0 ? SystemError.None : Win32Error.Last("VirtualAlloc");
        }

        // The system's own bounds are those of granules.
        bool isByGranule = request.HighestAddress == 0 || MemoryPages.PageSize.IsAligned(unchecked(request.HighestAddress + 1), AllocationGranularity);
        return Exports.HasPlaceholders && isByGranule
            ? AllocateBetween(request, kind, protection, node, out address)
            : AllocateInGap(request, kind, protection, node, out address);
    }

    private SystemError AllocateBetween(in ReserveRequest request, uint kind, uint protection, uint node, out nuint address)
    {
        address = 0;
        nuint granularity = AllocationGranularity;
        nuint highest = request.HighestAddress == 0 || request.HighestAddress >= HighestMappable ? 0 : request.HighestAddress;
        if (!MemoryPages.PageSize.TryAlignUp(request.LowestAddress, granularity, out nuint lowest)
            || (highest != 0 && (highest == nuint.MaxValue || lowest > highest || request.Length - 1 > highest - lowest)))
        {
            return new SystemError("VirtualAlloc2", Win32Error.ERROR_NOT_ENOUGH_MEMORY); // what the system would say of bounds with too little between
        }

        var requirements = new AddressRequirements
        {
            LowestStartingAddress = lowest,
            HighestEndingAddress = highest,
            Alignment = request.Alignment > granularity ? request.Alignment : 0,
        };
        ExtendedParameter* parameters = stackalloc ExtendedParameter[2];
        parameters[0] = new ExtendedParameter { Type = MemExtendedParameterAddressRequirements, Value = (nuint)(&requirements) };
        parameters[1] = new ExtendedParameter { Type = MemExtendedParameterNumaNode, Value = node };
        address = VirtualAlloc2(ProcessCalls.CurrentProcess, 0, request.Length, kind, protection, parameters, node == NUMA_NO_PREFERRED_NODE ? 1u : 2u);
        return address != 0 ? SystemError.None : Win32Error.Last("VirtualAlloc2");
    }

    /// <summary>Looks for a gap in the list of regions, and takes it only if it is still one.</summary>
    private SystemError AllocateInGap(in ReserveRequest request, uint kind, uint protection, uint node, out nuint address)
    {
        nuint highest = request.HighestAddress == 0 ? HighestMappable : Math.Min(request.HighestAddress, HighestMappable);
        SystemError error = new("VirtualAlloc", Win32Error.ERROR_NOT_ENOUGH_MEMORY);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if ((request.NearAddress == 0 ? FirstGap(request, highest) : NearestGap(request)) is not nuint gap
                || gap < request.LowestAddress || request.Length - 1 > highest - gap)
            {
                break;
            }

            address = (kind & MEM_RESERVE_PLACEHOLDER) == 0
                ? VirtualAllocExNuma(ProcessCalls.CurrentProcess, gap, request.Length, kind, protection, node)
                : VirtualAlloc2(ProcessCalls.CurrentProcess, gap, request.Length, kind, protection, null, 0);
            if (address != 0)
            {
                return SystemError.None;
            }

            error = Win32Error.Last("VirtualAlloc");
            if (error.Code != Win32Error.ERROR_INVALID_ADDRESS)
            {
                break; // not that another thread was given it in between
            }
        }

        address = 0;
        return error;
    }

    private nuint? FirstGap(in ReserveRequest request, nuint highest)
    {
        nuint alignment = Math.Max(request.Alignment, AllocationGranularity);
        foreach ((nuint start, nuint end) in Gaps())
        {
            if (MemoryPages.PageSize.TryAlignUp(Math.Max(start, request.LowestAddress), alignment, out nuint first)
                && first <= highest && end > first && end - first >= request.Length)
            {
                return first;
            }
        }

        return null;
    }

    /// <summary>Free addresses, in order: a snapshot. Each begins where an allocation can.</summary>
    private List<(nuint Start, nuint End)> Gaps()
    {
        var gaps = new List<(nuint Start, nuint End)>();
        for (nuint next = LowestMappable; next < HighestMappable && Query(next, out MemoryInformation region); next = region.BaseAddress + region.RegionSize)
        {
            nuint start = MemoryPages.PageSize.AlignUp(Math.Max(region.BaseAddress, LowestMappable), AllocationGranularity);
            nuint end = Math.Min(region.BaseAddress + region.RegionSize, HighestMappable + 1);
            if (region.State == MEM_FREE && end > start)
            {
                gaps.Add((start, end));
            }
        }

        return gaps;
    }
}
