using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Mapping, unmapping and protecting.</summary>
/// <remarks>
/// An allocation is what one call has reserved. It ends as a whole, and no call reaches over the border of two. What a user sees as one range is one
/// allocation, but for a mirror, which is two; what is shrunk keeps its addresses, without memory, until it ends.
/// </remarks>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override bool NamesSupported => false;

    public override SystemError MapAnonymous(in AnonymousRequest request, out MappedRange range)
    {
        range = default;
        if (!TryFindNode(request.NumaPolicy, out uint node))
        {
            return NotSupported(PreferredNodeCall);
        }

        if (request.PageSize > PageSize)
        {
            return MapLargePages(request, node, out range);
        }

        nuint front = request.Guard == 0 ? 0 : MemoryPages.PageSize.AlignUp(request.Guard, Math.Max(request.Alignment, PageSize));
        if (request.Length > nuint.MaxValue / 2 || front > nuint.MaxValue / 8)
        {
            return new SystemError("VirtualAlloc", Win32Error.ERROR_NOT_ENOUGH_MEMORY); // what the system would say, without the sum overflowing on the way
        }

        nuint total = front + request.Length + request.Guard;
        uint protection = NativeProtection(request.Protection);
        uint kind = MEM_RESERVE | (front == 0 ? MEM_COMMIT : 0) | (request.WriteTracking ? MEM_WRITE_WATCH : 0);
        SystemError error = AllocateNear(request.NearAddress, total, request.Alignment, kind, front == 0 ? protection : PAGE_NOACCESS, node, out nuint start);
        if (error.Failed)
        {
            return error;
        }

        if (front != 0 && VirtualAlloc(start + front, request.Length, MEM_COMMIT, protection) == 0)
        {
            error = Win32Error.Last("VirtualAlloc");
            _ = VirtualFree(start, 0, MEM_RELEASE);
            return error;
        }

        range = new MappedRange(start + front, start, total);
        return SystemError.None;
    }

    public override SystemError Unmap(nuint address, nuint length)
    {
        // Mostly it is one allocation of memory, whole.
        return VirtualFree(address, 0, MEM_RELEASE) != 0 ? SystemError.None : UnmapEach(address, length);
    }

    public override SystemError Protect(nuint address, nuint length, PageProtection protection)
    {
        uint native = NativeProtection(protection);
        if ((protection & PageProtection.Write) != 0 && IsCopyOnWrite(address))
        {
            native = CopyOnWrite(native);
        }

        if (VirtualProtect(address, length, native, out _) != 0)
        {
            return SystemError.None;
        }

        SystemError error = Win32Error.Last("VirtualProtect");
        return error.Code == Win32Error.ERROR_INVALID_ADDRESS && Query(address, out MemoryInformation first) && first.AllocationBase != 0
            ? ProtectEach(address, length, native, error)
            : error;
    }

    /// <summary>The list of regions shows no names of memory.</summary>
    public override void SetName(nuint address, nuint length, string name)
    {
    }

    /// <summary>There is no memory to write only: it can be read too, see <see cref="EffectiveProtection"/>.</summary>
    internal static uint NativeProtection(PageProtection protection) => protection switch
    {
        PageProtection.None => PAGE_NOACCESS,
        PageProtection.Read => PAGE_READONLY,
        PageProtection.Write or PageProtection.Write | PageProtection.Read => PAGE_READWRITE,
        PageProtection.Execute => PAGE_EXECUTE,
        PageProtection.Execute | PageProtection.Read => PAGE_EXECUTE_READ,
        _ => PAGE_EXECUTE_READWRITE,
    };

    internal static bool Query(nuint address, out MemoryInformation region) =>
        VirtualQuery(address, out region, (nuint)sizeof(MemoryInformation)) != 0;

    /// <summary>The address is a wish: where there is no room the system chooses.</summary>
    private SystemError AllocateNear(nuint near, nuint length, nuint alignment, uint kind, uint protection, uint node, out nuint address)
    {
        if (near != 0)
        {
            nuint wished = MemoryPages.PageSize.AlignDown(near, Math.Max(alignment, AllocationGranularity));
            address = VirtualAllocExNuma(ProcessCalls.CurrentProcess, wished, length, kind, protection, node);
            if (address != 0)
            {
                return SystemError.None;
            }
        }

        return Allocate(new ReserveRequest { Length = length, Alignment = alignment }, kind, protection, node, out address);
    }

    /// <summary>
    /// Each allocation that begins in the range ends; of one that begins before it, the part loses its memory and keeps its addresses.
    /// </summary>
    private static SystemError UnmapEach(nuint address, nuint length)
    {
        nuint end = address + length;
        for (nuint next = address; next < end;)
        {
            if (!Query(next, out MemoryInformation region))
            {
                return Win32Error.Last("VirtualQuery");
            }

            nuint part = Math.Min(region.BaseAddress + region.RegionSize, end) - next;
            bool ends = region.AllocationBase >= address;
            SystemError error = (region.Type, ends, region.State) switch
            {
                (_, _, MEM_FREE) or (_, false, MEM_RESERVE) => SystemError.None,
                (MEM_PRIVATE, true, _) => VirtualFree(region.AllocationBase, 0, MEM_RELEASE) != 0 ? SystemError.None : Win32Error.Last("VirtualFree"),
                (MEM_PRIVATE, false, _) => VirtualFree(next, part, MEM_DECOMMIT) != 0 ? SystemError.None : Win32Error.Last("VirtualFree"),
                (_, true, _) => SectionCalls.UnmapViewOfFile(region.AllocationBase) != 0 ? SystemError.None : Win32Error.Last("UnmapViewOfFile"),
                _ => VirtualProtect(next, part, PAGE_NOACCESS, out _) != 0 ? SystemError.None : Win32Error.Last("VirtualProtect"),
            };
            if (error.Failed)
            {
                return error;
            }

            next += part;
        }

        return SystemError.None;
    }

    /// <summary>Allocations side by side, such as the two halves of a mirror.</summary>
    private static SystemError ProtectEach(nuint address, nuint length, uint native, SystemError whole)
    {
        for (nuint next = address; next < address + length;)
        {
            if (!Query(next, out MemoryInformation region) || region.State != MEM_COMMIT)
            {
                return whole;
            }

            nuint part = Math.Min(region.BaseAddress + region.RegionSize, address + length) - next;
            if (VirtualProtect(next, part, native, out _) == 0)
            {
                return Win32Error.Last("VirtualProtect");
            }

            next += part;
        }

        return SystemError.None;
    }

    /// <summary>Whether writing there makes a copy of the file's page. Such a view may be given no other writable protection.</summary>
    private static bool IsCopyOnWrite(nuint address) =>
        Query(address, out MemoryInformation region) && region.Type == MEM_MAPPED
        && (region.AllocationProtect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY)) != 0;

    private static uint CopyOnWrite(uint native) => native == PAGE_EXECUTE_READWRITE ? PAGE_EXECUTE_WRITECOPY : PAGE_WRITECOPY;
}
