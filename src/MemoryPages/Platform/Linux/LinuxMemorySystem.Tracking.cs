using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.PageScanCalls;
using static MemoryPages.Platform.Linux.Native.UserFaultCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Which pages were written to.</summary>
/// <remarks>
/// The kernel protects the pages against writing and takes the protection off a page by itself at the first write: no signal, nobody is asked, and
/// writes by system calls count as well. It takes no privilege, since no fault is ever handed to the process. The older way, soft-dirty bits, is one
/// for the whole process: to reset it for a range is to reset it for everybody.
/// </remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    private readonly RememberedAnswer _tracksWrites = new(ProbeTracking);

    public override bool TracksWrites => _tracksWrites.IsYes;

    public override SystemError TrackWrites(nuint address, nuint length, SafeFileHandle tracker)
    {
        SystemError error = OpenTracker(tracker);
        if (error.Failed)
        {
            return error;
        }

        var registration = new Registration { Start = address, Length = length, Mode = UFFDIO_REGISTER_MODE_WP };
        error = UserFaultCalls.ioctl(tracker, UFFDIO_REGISTER, &registration) == 0 ? SystemError.None : Errno.Last(nameof(UFFDIO_REGISTER));
        if (!error.Failed)
        {
            error = Scan(address, length, PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC, [], out _, out _); // found and told to nobody: written before
        }

        if (error.Failed)
        {
            tracker.Close(); // which ends what was registered
        }

        return error;
    }

    public override SystemError FindWritten(
        nuint address, nuint length, bool forget, Span<(nuint Address, nuint Length)> written, out int count, out nuint end)
    {
        const int Most = 64;
        Span<Region> regions = stackalloc Region[Math.Min(Most, written.Length)];
        ulong flags = PM_SCAN_CHECK_WPASYNC | (forget ? PM_SCAN_WP_MATCHING : 0);
        nuint last = address + length;
        count = 0;
        for (end = address; end != last && count < written.Length;)
        {
            Span<Region> room = regions[..Math.Min(regions.Length, written.Length - count)];
            SystemError error = Scan(end, last - end, flags, room, out int found, out nuint next);
            if (error.Failed)
            {
                return error;
            }

            foreach (Region region in room[..found])
            {
                written[count++] = ((nuint)region.Start, (nuint)(region.End - region.Start));
            }

            end = next;
        }

        return SystemError.None;
    }

    private static SystemError OpenTracker(SafeFileHandle tracker)
    {
        int file = (int)userfaultfd(SYS_userfaultfd, FileKindCalls.O_CLOEXEC | UFFD_USER_MODE_ONLY);
        if (file < 0)
        {
            return Errno.Last("userfaultfd");
        }

        Marshal.InitHandle(tracker, file);
        var agreement = new Agreement
        {
            Api = UFFD_API,
            Features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
        };
        if (UserFaultCalls.ioctl(tracker, UFFDIO_API, &agreement) == 0)
        {
            return SystemError.None;
        }

        SystemError error = Errno.Last(nameof(UFFDIO_API));
        tracker.Close();
        return error;
    }

    /// <param name="address">The first page.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="flags">What the kernel does with the pages that it finds.</param>
    /// <param name="regions">For what it finds; with no room at all it finds everything and tells nothing.</param>
    /// <param name="found">How many.</param>
    /// <param name="end">How far it has come.</param>
    private SystemError Scan(nuint address, nuint length, ulong flags, Span<Region> regions, out int found, out nuint end)
    {
        (found, end) = (0, address);
        SystemError error = PageMapOf(out SafeFileHandle? pageMap);
        if (error.Failed)
        {
            return error;
        }

        fixed (Region* first = regions)
        {
            var scan = new ScanArguments
            {
                Size = (ulong)sizeof(ScanArguments),
                Flags = flags,
                Start = address,
                End = address + length,
                Regions = first,
                RegionsLength = (ulong)regions.Length,
                All = PAGE_IS_WRITTEN,
                Told = regions.IsEmpty ? 0 : PAGE_IS_WRITTEN,
            };
            int answer = PageScanCalls.ioctl(pageMap!, PAGEMAP_SCAN, &scan);
            if (answer < 0)
            {
                return Errno.Last(nameof(PAGEMAP_SCAN));
            }

            (found, end) = (answer, (nuint)scan.WalkEnd);
            return SystemError.None;
        }
    }

    private static bool? ProbeTracking()
    {
        using var tracker = new SafeFileHandle();
        SystemError error = OpenTracker(tracker);
        return error.Code is Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE ? null : !error.Failed;
    }
}
