using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.FileKindCalls;
using static MemoryPages.Platform.Linux.Native.MappingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Opening files, asking what they are, and mapping them.</summary>
internal sealed partial class LinuxMemorySystem
{
    /// <remarks>
    /// Without waiting: opening a pipe would else take until somebody opens its other end. What it means to a file is that opening it fails with
    /// EAGAIN while another program gives up its lease on it (fcntl(2), F_SETLEASE): that is waited for.
    /// </remarks>
    public override SystemError OpenFile(string path, bool forWriting, SafeFileHandle file) => OpenFile(path, forWriting ? O_RDWR : O_RDONLY, file);

    private static unsafe SystemError OpenFile(string path, int access, SafeFileHandle file)
    {
        byte* text = stackalloc byte[PATH_MAX];
        if (Utf8.FromUtf16(path, new Span<byte>(text, PATH_MAX - 1), out _, out int count) != OperationStatus.Done)
        {
            return new SystemError("open", Errno.ENAMETOOLONG); // what the kernel would say
        }

        text[count] = 0;
        int flags = access | O_CLOEXEC | O_NOCTTY;
        int waiting = O_NONBLOCK;
        while (true)
        {
            int descriptor = open(text, flags | waiting, 0);
            if (descriptor >= 0)
            {
                Marshal.InitHandle(file, descriptor);
                return SystemError.None;
            }

            SystemError error = Errno.Last("open");
            if (error.Code == Errno.EAGAIN && waiting != 0)
            {
                waiting = 0;
            }
            else if (error.Code != Errno.EINTR)
            {
                return error;
            }
        }
    }

    public override unsafe SystemError QueryFile(SafeFileHandle file, out FileFacts facts)
    {
        facts = default;
        using var held = new HeldDescriptor(file);
        byte empty = 0;
        if (statx(held.Number, &empty, AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, out Status status) != 0)
        {
            return Errno.Last("statx");
        }

        FileKind kind = KindOf(status.Mode);
        long length = kind == FileKind.Regular ? (long)status.Size : 0;
        nuint pageSize = PageSize;
        if (kind == FileKind.BlockDevice)
        {
            ulong bytes = 0;
            if (ioctl(held.Number, BLKGETSIZE64, &bytes) != 0)
            {
                return Errno.Last("ioctl");
            }

            length = (long)bytes;
        }
        else if (kind == FileKind.Regular && (length == 0 || status.BlockSize > PageSize))
        {
            // The file system is asked for few files only: for empty ones, which may not be, and for those in large blocks, which may be huge pages.
            if (fstatfs(held.Number, out FileSystem system) != 0)
            {
                return Errno.Last("fstatfs");
            }

            kind = length == 0 && MakesContentWhenRead(system.Magic) ? FileKind.Generated : kind;
            pageSize = system.Magic == HUGETLBFS_MAGIC ? (nuint)system.BlockSize : pageSize;
        }

        facts = new FileFacts(kind, length, pageSize);
        return kind is FileKind.Regular or FileKind.BlockDevice or FileKind.CharacterDevice
            ? SystemError.None
            : new SystemError("mmap", Errno.ENODEV); // what the kernel would say, of an empty part too
    }

    public override SystemError MapFile(in FileRequest request, out MappedRange range)
    {
        bool isPrivate = request.Backing == Backing.PrivateFile;
        int flags = isPrivate ? MAP_PRIVATE : MAP_SHARED;
        if (isPrivate && request.NoReserve)
        {
            flags |= MAP_NORESERVE; // shared pages are the file's: nothing is charged for them
        }

        if (request.Address != 0)
        {
            flags |= MAP_FIXED;
        }

        using var held = new HeldDescriptor(request.File);
        nuint address = mmap(request.Address, request.Length, NativeProtection(request.Protection), flags, held.Number, request.Offset);
        if (address == MAP_FAILED)
        {
            range = default;
            return Errno.Last("mmap");
        }

        range = new MappedRange(address, address, request.Length);
        return SystemError.None;
    }

    private static FileKind KindOf(ushort mode) => (mode & S_IFMT) switch
    {
        S_IFREG => FileKind.Regular,
        S_IFBLK => FileKind.BlockDevice,
        S_IFCHR => FileKind.CharacterDevice,
        S_IFDIR => FileKind.Directory,
        S_IFIFO => FileKind.Pipe,
        S_IFSOCK => FileKind.Socket,
        _ => FileKind.Other,
    };

    private static bool MakesContentWhenRead(long fileSystem) => fileSystem is PROC_SUPER_MAGIC or SYSFS_MAGIC or DEBUGFS_MAGIC or TRACEFS_MAGIC
        or SECURITYFS_MAGIC or CGROUP_SUPER_MAGIC or CGROUP2_SUPER_MAGIC or CONFIGFS_MAGIC;
}
