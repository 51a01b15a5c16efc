using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Growing: an allocation stays as long as it was made, so the content goes to a larger one.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override SystemError BehindEndOfFile => new("MapViewOfFile", Win32Error.ERROR_HANDLE_EOF);

    public override SystemError GrowInPlace(nuint end, nuint extra, nuint pageSize) => NotSupported("VirtualAlloc");

    /// <summary>Copies what holds anything. The old allocation stays until all is copied: until then nothing has changed.</summary>
    public override SystemError Move(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to)
    {
        to = default;
        if (!Query(from.Address, out MemoryInformation first) || first.Type != MEM_PRIVATE || IsLarge(from.Address))
        {
            return NotSupported("VirtualAlloc"); // a view of a section ends where it was made to end; large pages are not to become others
        }

        var request = new AnonymousRequest
        {
            Length = newLength, Protection = PageProtection.Read | PageProtection.Write, PageSize = PageSize, Alignment = alignment, Guard = guard,
        };
        SystemError error = MapAnonymous(request, out MappedRange larger);
        if (error.Failed)
        {
            return error;
        }

        uint last = first.Protect;
        for (nuint done = 0; done < length && !error.Failed;)
        {
            if (!Query(from.Address + done, out MemoryInformation region))
            {
                error = Win32Error.Last("VirtualQuery");
                break;
            }

            nuint part = Math.Min(region.BaseAddress + region.RegionSize - from.Address, length) - done;
            error = CopyRegion(from.Address + done, larger.Address + done, part, region.Protect);
            last = region.Protect;
            done += part;
        }

        if (!error.Failed && last != PAGE_READWRITE)
        {
            error = VirtualProtect(larger.Address + length, newLength - length, last, out _) != 0 ? SystemError.None : Win32Error.Last("VirtualProtect");
        }

        MappedRange ends = error.Failed ? larger : from;
        _ = Unmap(ends.ReservedAddress, ends.ReservedLength);
        to = error.Failed ? default : larger;
        return error;
    }

    /// <summary>Pages of zeros are left out: the new ones are zero, and take no memory until they are touched.</summary>
    private SystemError CopyRegion(nuint from, nuint to, nuint length, uint protection)
    {
        bool isReadable = (protection & (PAGE_NOACCESS | PAGE_EXECUTE)) == 0;
        if (!isReadable && VirtualProtect(from, length, PAGE_READONLY, out _) == 0)
        {
            return Win32Error.Last("VirtualProtect");
        }

        for (nuint done = 0; done < length; done += PageSize)
        {
            var page = new ReadOnlySpan<byte>((void*)(from + done), (int)PageSize);
            if (page.ContainsAnyExcept((byte)0))
            {
                page.CopyTo(new Span<byte>((void*)(to + done), (int)PageSize));
            }
        }

        if (!isReadable)
        {
            _ = VirtualProtect(from, length, protection, out _);
        }

        return protection == PAGE_READWRITE || VirtualProtect(to, length, protection, out _) != 0 ? SystemError.None : Win32Error.Last("VirtualProtect");
    }
}
