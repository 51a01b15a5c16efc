using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.ContentCalls;
using static MemoryPages.Platform.Linux.Native.FileCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Changed file pages, lengths and names on their way to the device.</summary>
internal sealed partial class LinuxMemorySystem
{
    public override bool FlushNeedsFile => false;

    /// <remarks>
    /// MS_SYNC is the file system's fsync operation for the range, as fdatasync(2) calls it for the whole file (mm/msync.c: vfs_fsync_range with
    /// datasync): content, what is needed to find it again, and the device's cache. MS_ASYNC is for emulators of Linux that do something then.
    /// </remarks>
    public override SystemError Flush(nuint address, nuint length, FlushLevel level) =>
        msync(address, length, level == FlushLevel.Hint ? MS_ASYNC : MS_SYNC) == 0 ? SystemError.None : Errno.Last("msync");

    public override SystemError Flush(nuint address, nuint length, FlushLevel level, SafeFileHandle file, long offset)
    {
        if (level == FlushLevel.Durable)
        {
            return Flush(address, length, level);
        }

        // Waiting before writing too: a page that is being written when it is changed again would be left out.
        const uint WriteAndWait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
        if (sync_file_range(file, offset, (long)length, level == FlushLevel.Hint ? SYNC_FILE_RANGE_WRITE : WriteAndWait) == 0)
        {
            return SystemError.None;
        }

        SystemError error = Errno.Last("sync_file_range");
        return error.Code == Errno.ENOSYS ? Flush(address, length, level) : error; // a sandbox that hides it
    }

    public override SystemError SyncLength(SafeFileHandle file) => fdatasync(file) == 0 ? SystemError.None : Errno.Last("fdatasync");

    public override SystemError SyncName(string folder)
    {
        using var handle = new SafeFileHandle();
        SystemError error = OpenFile(folder, forWriting: false, handle);
        if (error.Failed)
        {
            return error.Code == Errno.ENOENT ? SystemError.None : error;
        }

        error = fsync(handle) == 0 ? SystemError.None : Errno.Last("fsync");
        return error.Code == Errno.EINVAL ? SystemError.None : error; // a file system whose folders are not on a device
    }
}
