using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.FileCalls;
using static MemoryPages.Platform.Linux.Native.MemoryFileCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Lengths of files, and space on their devices.</summary>
internal sealed partial class LinuxMemorySystem
{
    public override bool FilesGrowUnderMappings => true;

    public override SystemError Duplicate(SafeFileHandle file, out SafeFileHandle? duplicate)
    {
        int descriptor = fcntl(file, F_DUPFD_CLOEXEC, 0);
        if (descriptor < 0)
        {
            duplicate = null;
            return Errno.Last("fcntl");
        }

        duplicate = new SafeFileHandle(descriptor, ownsHandle: true);
        return SystemError.None;
    }

    public override SystemError SetLength(SafeFileHandle file, long current, long length)
    {
        if (length > current && ExceedsFileSizeLimit((nuint)length))
        {
            return new SystemError("ftruncate", Errno.EFBIG);
        }

        while (FileCalls.ftruncate(file, length) != 0)
        {
            SystemError error = Errno.Last("ftruncate");
            if (error.Code != Errno.EINTR)
            {
                return error;
            }
        }

        return SystemError.None;
    }

    /// <remarks>
    /// posix_fallocate(3) of the C library is not used: where the file system cannot allocate, it writes a byte into every block that it has read as
    /// zero, and so over what another process wrote there in between.
    /// </remarks>
    public override SystemError AllocateSpace(SafeFileHandle file, long current, long offset, long length)
    {
        if (offset + length > current && ExceedsFileSizeLimit((nuint)(offset + length)))
        {
            return new SystemError("fallocate", Errno.EFBIG);
        }

        while (fallocate(file, 0, offset, length) != 0)
        {
            SystemError error = Errno.Last("fallocate");
            if (error.Code is Errno.EOPNOTSUPP or Errno.ENOSYS)
            {
                // Behind the end there is nothing of anybody's that zeros could overwrite. A hole before it is not filled: another process may be
                // writing there.
                return HasHole(file, offset, current) ? error : WriteZeros(file, Math.Max(current, offset), offset + length);
            }

            if (error.Code != Errno.EINTR)
            {
                return error;
            }
        }

        return SystemError.None;
    }

    /// <summary>
    /// A mapping may be longer than its file, and the file may reach into it later. Not in huge pages: mapping these reserves them and makes the file
    /// longer. A tebibyte at most: programs have 128 of them.
    /// </summary>
    public override nuint RoomToGrow(SafeFileHandle file, nuint mapped)
    {
        nuint gibibyte = (nuint)1 << 30;
        nuint tebibyte = gibibyte << 10;
        using var held = new HeldDescriptor(file);
        return FileKindCalls.fstatfs(held.Number, out FileKindCalls.FileSystem system) != 0
            || system.Magic == FileKindCalls.HUGETLBFS_MAGIC
            || mapped > 16 * tebibyte
            ? 0
            : Math.Clamp(15 * mapped, gibibyte, tebibyte);
    }

    public override SystemError PunchHole(nuint address, nuint length) =>
        AdviceCalls.madvise(address, length, AdviceCalls.MADV_REMOVE) == 0 ? SystemError.None : Errno.Last("madvise");

    /// <summary>Asked beforehand, because at RLIMIT_FSIZE the kernel sends SIGXFSZ besides the error, and that ends the process.</summary>
    private static bool ExceedsFileSizeLimit(nuint length) => getrlimit(RLIMIT_FSIZE, out Limit fileSize) == 0 && length > fileSize.Soft;

    /// <summary>The position of the open file, which a handle of the user's may share, is put back.</summary>
    private static bool HasHole(SafeFileHandle file, long offset, long end)
    {
        if (offset >= end)
        {
            return false;
        }

        long position = lseek(file, 0, SEEK_CUR);
        long hole = lseek(file, offset, SEEK_HOLE);
        _ = lseek(file, position, SEEK_SET);
        return hole >= 0 && hole < end;
    }

    /// <summary>And waits for the device, because network file systems find out only then that there is no room.</summary>
    private static unsafe SystemError WriteZeros(SafeFileHandle file, long start, long end)
    {
        const int Chunk = 64 * 1024;
        byte* zeros = stackalloc byte[Chunk];
        new Span<byte>(zeros, Chunk).Clear();
        while (start < end)
        {
            nint written = pwrite(file, zeros, (nuint)Math.Min(Chunk, end - start), start);
            if (written < 0)
            {
                SystemError error = Errno.Last("pwrite");
                if (error.Code != Errno.EINTR)
                {
                    return error;
                }

                written = 0;
            }

            start += written;
        }

        return fdatasync(file) == 0 ? SystemError.None : Errno.Last("fdatasync");
    }
}
