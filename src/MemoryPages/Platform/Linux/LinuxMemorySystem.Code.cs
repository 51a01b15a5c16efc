using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.MappingCalls;
using static MemoryPages.Platform.Linux.Native.MemoryFileCalls;
using static MemoryPages.Platform.Linux.Native.SealingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Memory that holds code: where it is, who may write it, and for how long.</summary>
internal sealed partial class LinuxMemorySystem
{
    /// <summary>Addresses that the kernel itself leaves free below a stack that may grow: mmap_base of arch/*/mm/mmap.c.</summary>
    private const nuint RoomBelowStack = 128 << 20;

    private readonly Lazy<bool> _sealingSupported = new(static () => mseal(SYS_mseal, 0, 0, 0) == 0);

    /// <remarks>Of no bytes: a page that were sealed to find out could never be unmapped.</remarks>
    public override bool SealingSupported => _sealingSupported.Value;

    /// <remarks>
    /// A file in memory, mapped twice. It is one that can never be run as a program; that says nothing about mapping it to run code, which the kernel
    /// allows where <c>vm.memfd_noexec</c> is 2, too.
    /// </remarks>
    public override SystemError MapDual(nuint reserved, nuint length, string? name, out MappedRange writable)
    {
        writable = default;
        SystemError error = CreateMemoryFile(name, 0, out int file);
        if (error.Failed)
        {
            return error;
        }

        error = SetLength(file, length);
        if (!error.Failed)
        {
            error = MapToRunAndToWrite(file, reserved, length, out writable);
        }

        _ = close(file); // the mappings keep it
        return error;
    }

    public override SystemError Seal(nuint address, nuint length) =>
        mseal(SYS_mseal, address, length, 0) == 0 ? SystemError.None : Errno.Last("mseal");

    public override nuint? NearestGap(in ReserveRequest request) => FindNearestGap(request);

    private static SystemError MapToRunAndToWrite(int file, nuint reserved, nuint length, out MappedRange writable)
    {
        writable = default;
        if (mmap(reserved, length, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        nuint address = mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (address == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        writable = new MappedRange(address, address, length);
        return SystemError.None;
    }

    /// <summary>In each gap the place whose farther end is nearest, and the best of these.</summary>
    private nuint? FindNearestGap(in ReserveRequest request)
    {
        nuint gap = LowestMappable;
        nuint? best = null;
        nuint least = nuint.MaxValue;
        foreach (MemoryRegion region in LinuxProcessMaps.Read(0, HighestUser).Append(new MemoryRegion
        {
            Address = HighestUser, Length = 1, Protection = PageProtection.None, IsShared = false, Name = "", Line = "",
        }))
        {
            nuint end = region.Name == "[stack]" ? region.Address - RoomBelowStack : region.Address;
            if (request.PlaceBetween(gap, end) is nuint place)
            {
                nuint distance = request.DistanceAt(place);
                (best, least) = distance < least ? (place, distance) : (best, least);
            }

            gap = region.Address + region.Length;
        }

        return best;
    }

    /// <summary>The last page is nobody's: an access that runs over its end would be the kernel's.</summary>
    private nuint HighestUser => LinuxAddressSpace.End - PageSize;
}
