using MemoryPages.Platform.MacOS.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.MacOS.Native.FileCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Lengths of files, and space on their devices.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>
    /// A mapping has the length that was wished (mmap asks the file for none), and a file that is made longer is only told its length
    /// (ubc_setsize): the next access behind its old end finds it.
    /// </remarks>
    public override bool FilesGrowUnderMappings => true;

    public override SystemError SetLength(SafeFileHandle file, long current, long length)
    {
        if (length > current && getrlimit(RLIMIT_FSIZE, out Limit limit) == 0 && (ulong)length > limit.Soft)
        {
            return new SystemError("ftruncate", Errno.EFBIG); // before the kernel sends SIGXFSZ besides, which ends the process
        }

        using var held = new HeldDescriptor(file);
        while (ftruncate(held.Number, length) != 0)
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
    /// F_PREALLOCATE takes space behind the physical end only. A hole before it cannot be filled without writing over what another process may write.
    /// </remarks>
    public override SystemError AllocateSpace(SafeFileHandle file, long current, long offset, long length)
    {
        long more = offset + length - current;
        using (var held = new HeldDescriptor(file))
        {
            if (offset < current && HasHole(held.Number, offset, current))
            {
                return MacErrors.NotSupported("fcntl");
            }

            var wish = new Store { Flags = F_ALLOCATEALL, PositionMode = F_PEOFPOSMODE, Length = more };
            if (more > 0 && fcntl(held.Number, F_PREALLOCATE, (nint)(&wish)) != 0)
            {
                return Errno.Last("fcntl");
            }
        }

        return more > 0 ? SetLength(file, current, current + more) : SystemError.None;
    }

    /// <summary>A tebibyte at most: programs have 128 of them.</summary>
    public override nuint RoomToGrow(SafeFileHandle file, nuint mapped)
    {
        nuint gibibyte = (nuint)1 << 30;
        nuint tebibyte = gibibyte << 10;
        return mapped > 16 * tebibyte ? 0 : Math.Clamp(15 * mapped, gibibyte, tebibyte);
    }

    /// <remarks>Pages alone do not lead to their file: see the other.</remarks>
    public override SystemError PunchHole(nuint address, nuint length) => MacErrors.NotSupported("fcntl");

    /// <remarks>
    /// In blocks of the file system, of which a page holds several. What the pages show is what read(2) reads: both are the same memory (UBC).
    /// </remarks>
    public override SystemError PunchHole(nuint address, nuint length, SafeFileHandle file, long offset)
    {
        var hole = new Hole { Offset = offset, Length = (long)length };
        using var held = new HeldDescriptor(file);
        return fcntl(held.Number, F_PUNCHHOLE, (nint)(&hole)) == 0 ? SystemError.None : Errno.Last("fcntl");
    }

    /// <summary>The position of the open file, which a handle of the user's may share, is put back.</summary>
    private static bool HasHole(int file, long offset, long end)
    {
        long position = lseek(file, 0, SEEK_CUR);
        long hole = lseek(file, offset, SEEK_HOLE);
        _ = lseek(file, position, SEEK_SET);
        return hole >= 0 && hole < end;
    }
}
