using MemoryPages.Platform.Windows.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Windows.Native.WriteWatchCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Which pages were written to: of memory that was allocated for it, always; so nothing begins and nothing ends.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override bool TracksWrites => true;

    public override SystemError TrackWrites(nuint address, nuint length, SafeFileHandle tracker) =>
        ResetWriteWatch(address, length) == 0 ? SystemError.None : Win32Error.Last("ResetWriteWatch");

    /// <remarks>The system names pages one by one, and where it runs out of room it has forgotten those that it named and no others.</remarks>
    public override SystemError FindWritten(
        nuint address, nuint length, bool forget, Span<(nuint Address, nuint Length)> written, out int count, out nuint end)
    {
        const int Most = 256;
        nuint* pages = stackalloc nuint[Most];
        nuint last = address + length;
        count = 0;
        for (end = address; end != last && count < written.Length;)
        {
            nuint found = (nuint)Math.Min(Most, written.Length - count); // as many ranges at the most: what is forgotten must be told
            nuint room = found;
            if (GetWriteWatch(forget ? WRITE_WATCH_FLAG_RESET : 0, end, last - end, pages, ref found, out uint granularity) != 0)
            {
                return Win32Error.Last("GetWriteWatch");
            }

            for (nuint i = 0; i < found; i++)
            {
                if (count != 0 && written[count - 1].Address + written[count - 1].Length == pages[i])
                {
                    written[count - 1].Length += granularity;
                }
                else
                {
                    written[count++] = (pages[i], granularity);
                }
            }

            end = found == room ? pages[found - 1] + granularity : last;
        }

        return SystemError.None;
    }
}
