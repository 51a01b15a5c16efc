using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>Which pages were written to since somebody looked. A system that says nothing here cannot tell.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>Whether the running system can tell it of memory that was mapped for it, if not of all.</summary>
    public virtual bool TracksWrites => false;

    /// <summary>
    /// From here on, until <paramref name="tracker"/> is closed, the system remembers which of the pages are written to; none is so far.
    /// </summary>
    /// <param name="address">The first page.</param>
    /// <param name="length">Bytes: whole pages of the mapping.</param>
    /// <param name="tracker">What stands for it: a handle without a descriptor, and left so where it fails, or where the system needs none.</param>
    public virtual SystemError TrackWrites(nuint address, nuint length, SafeFileHandle tracker) => Absent;

    /// <summary>Finds written pages, in order of address, neighbours as one.</summary>
    /// <param name="address">The first page to look at.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="forget">
    /// Whether those that are found count as not written from here on. No write is lost between: one that comes while this looks is found now or the
    /// next time.
    /// </param>
    /// <param name="written">What was found. Where it is full the search ends.</param>
    /// <param name="count">How many.</param>
    /// <param name="end">What lies behind this was not looked at.</param>
    public virtual SystemError FindWritten(
        nuint address, nuint length, bool forget, Span<(nuint Address, nuint Length)> written, out int count, out nuint end)
    {
        (count, end) = (0, address);
        return Absent;
    }
}
