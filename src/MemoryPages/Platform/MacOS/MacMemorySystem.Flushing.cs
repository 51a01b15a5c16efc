using MemoryPages.Platform.MacOS.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.MacOS.Native.FileCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Changed file pages, lengths and names on their way to the device.</summary>
internal sealed partial class MacMemorySystem
{
    /// <remarks>msync(2) and fsync(2) reach the device's cache; F_FULLFSYNC, which empties that, takes the file.</remarks>
    public override bool FlushNeedsFile => true;

    public override SystemError Flush(nuint address, nuint length, FlushLevel level) =>
        msync(address, length, level == FlushLevel.Hint ? MS_ASYNC : MS_SYNC) == 0 ? SystemError.None : Errno.Last("msync");

    public override SystemError Flush(nuint address, nuint length, FlushLevel level, SafeFileHandle file, long offset)
    {
        SystemError error = Flush(address, length, level);
        return error.Failed || level != FlushLevel.Durable ? error : SyncLength(file);
    }

    /// <remarks>
    /// F_FULLFSYNC asks the device to write what it has cached, and waits. File systems that cannot (network, some foreign ones) are asked for the
    /// order of writes at least (F_BARRIERFSYNC), and then for what fsync(2) does there. Memory has no device: EBADF.
    /// </remarks>
    public override SystemError SyncLength(SafeFileHandle file)
    {
        using var held = new HeldDescriptor(file);
        if (fcntl(held.Number, F_FULLFSYNC, 0) == 0)
        {
            return SystemError.None;
        }

        SystemError error = Errno.Last("fcntl");
        return error.Code == Errno.EBADF ? SystemError.None
            : error.Code == Errno.EIO ? error
            : fcntl(held.Number, F_BARRIERFSYNC, 0) == 0 || fsync(held.Number) == 0 ? SystemError.None
            : Errno.Last("fsync");
    }

    public override SystemError SyncName(string folder)
    {
        using var handle = new SafeFileHandle();
        SystemError error = OpenFile(folder, forWriting: false, handle);
        return !error.Failed ? SyncLength(handle) : error.Code == Errno.ENOENT ? SystemError.None : error;
    }
}
