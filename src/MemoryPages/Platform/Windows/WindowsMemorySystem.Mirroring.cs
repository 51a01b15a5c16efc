using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.SectionCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>The same memory at two addresses.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    /// <summary>
    /// A section without a file, viewed twice. Its handle is closed on every path: the two views keep the section, and it ends with them.
    /// </summary>
    public override SystemError MapMirrored(nuint length, string? name, out MappedRange range)
    {
        range = default;
        if (length > nuint.MaxValue / 2)
        {
            return new SystemError("CreateFileMapping", Win32Error.ERROR_NOT_ENOUGH_MEMORY); // what the system would say, without the double overflowing
        }

        SystemError error = CreateSection(length, PAGE_READWRITE, out nint section);
        if (error.Failed)
        {
            return error;
        }

        error = Exports.HasPlaceholders ? MapTwiceInPlaceholder(section, length, out range) : MapTwiceInGap(section, length, out range);
        _ = CloseHandle(section);
        return error;
    }

    /// <param name="length">Bytes; charged at once.</param>
    /// <param name="protection">The most that a view of it may have, and its attributes.</param>
    /// <param name="section">The handle.</param>
    private static SystemError CreateSection(nuint length, uint protection, out nint section)
    {
        section = CreateMemoryMappingW(INVALID_HANDLE_VALUE, null, protection, (uint)(length >> 32), (uint)length, null);
        return section != 0 ? SystemError.None : Win32Error.Last("CreateFileMapping");
    }

    /// <summary>
    /// Addresses are taken, split, and each half is replaced by a view. No other thread can be given an address of it at any moment.
    /// </summary>
    private SystemError MapTwiceInPlaceholder(nint section, nuint length, out MappedRange range)
    {
        range = default;
        SystemError error = Reserve(new ReserveRequest { Length = 2 * length, Alignment = AllocationGranularity, ForView = true }, out MappedRange reserved);
        if (error.Failed)
        {
            return error;
        }

        if (VirtualFree(reserved.Address, length, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER) == 0)
        {
            error = Win32Error.Last("VirtualFree");
            _ = VirtualFree(reserved.Address, 0, MEM_RELEASE);
            return error;
        }

        error = ReplacePlaceholder(section, reserved.Address, length, PAGE_READWRITE);
        if (error.Failed)
        {
            _ = VirtualFree(reserved.Address, 0, MEM_RELEASE);
            _ = VirtualFree(reserved.Address + length, 0, MEM_RELEASE);
            return error;
        }

        error = ReplacePlaceholder(section, reserved.Address + length, length, PAGE_READWRITE);
        if (error.Failed)
        {
            _ = UnmapViewOfFile(reserved.Address);
            _ = VirtualFree(reserved.Address + length, 0, MEM_RELEASE);
            return error;
        }

        range = reserved;
        return SystemError.None;
    }

    private static SystemError ReplacePlaceholder(nint section, nuint address, nuint length, uint protection) =>
        MapViewOfFile3(section, ProcessCalls.CurrentProcess, address, 0, length, MEM_REPLACE_PLACEHOLDER, protection, null, 0) != 0
            ? SystemError.None
            : Win32Error.Last("MapViewOfFile3");

    /// <summary>Before there were placeholders: a gap that another thread may be given in between. Then another one is looked for.</summary>
    private SystemError MapTwiceInGap(nint section, nuint length, out MappedRange range)
    {
        range = default;
        SystemError error = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            error = Reserve(new ReserveRequest { Length = 2 * length, Alignment = AllocationGranularity }, out MappedRange gap);
            if (error.Failed)
            {
                return error;
            }

            _ = VirtualFree(gap.Address, 0, MEM_RELEASE);
            nuint first = MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, length, gap.Address);
            if (first == 0)
            {
                error = Win32Error.Last("MapViewOfFileEx");
                continue;
            }

            if (MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, length, gap.Address + length) != 0)
            {
                range = gap;
                return SystemError.None;
            }

            error = Win32Error.Last("MapViewOfFileEx");
            _ = UnmapViewOfFile(first);
        }

        return error;
    }
}
