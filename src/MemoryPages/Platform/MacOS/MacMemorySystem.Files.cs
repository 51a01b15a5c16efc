using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using MemoryPages.Platform.MacOS.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.MacOS.Native.FileCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Opening files, asking what they are, and mapping them.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>mincore(2) tells of a mapping, and nothing of a file.</remarks>
    public override bool FileCacheFactsSupported => false;

    /// <remarks>Without waiting: opening a pipe would else take until somebody opens its other end.</remarks>
    [SkipLocalsInit] // a kilobyte on the stack, of which a path takes some tens
    public override SystemError OpenFile(string path, bool forWriting, SafeFileHandle file)
    {
        byte* text = stackalloc byte[PATH_MAX];
        if (Utf8.FromUtf16(path, new Span<byte>(text, PATH_MAX - 1), out _, out int count) != OperationStatus.Done)
        {
            return new SystemError("open", Errno.ENAMETOOLONG); // what the kernel would say
        }

        text[count] = 0;
        while (true)
        {
            int descriptor = open(text, (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
            if (descriptor >= 0)
            {
                Marshal.InitHandle(file, descriptor);
                return SystemError.None;
            }

            SystemError error = Errno.Last("open");
            if (error.Code != Errno.EINTR)
            {
                return error;
            }
        }
    }

    /// <remarks>Devices cannot be mapped: mmap(2) refuses those of characters by ENODEV, all else by EINVAL.</remarks>
    public override SystemError QueryFile(SafeFileHandle file, out FileFacts facts)
    {
        facts = default;
        using var held = new HeldDescriptor(file);
        if (fstat(held.Number, out Status status) != 0)
        {
            return Errno.Last("fstat");
        }

        FileKind kind = KindOf(status.Mode);
        facts = new FileFacts(kind, kind == FileKind.Regular ? status.Size : 0, PageSize);
        return kind == FileKind.Regular ? SystemError.None : new SystemError("mmap", Errno.ENODEV); // what the kernel would say, of an empty part too
    }

    public override SystemError MapFile(in FileRequest request, out MappedRange range)
    {
        range = default;
        if (IsStripped(request.Protection))
        {
            return s_neverBoth;
        }

        int flags = (request.Backing == Backing.PrivateFile ? MAP_PRIVATE : MAP_SHARED) | (request.Address != 0 ? MAP_FIXED : 0);
        using var held = new HeldDescriptor(request.File);
        nuint address = mmap(request.Address, request.Length, (int)request.Protection, flags, held.Number, request.Offset);
        if (address == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        range = new MappedRange(address, address, request.Length);
        return SystemError.None;
    }

    public override SystemError Duplicate(SafeFileHandle file, out SafeFileHandle? duplicate)
    {
        using var held = new HeldDescriptor(file);
        int descriptor = fcntl(held.Number, F_DUPFD_CLOEXEC, 0);
        if (descriptor < 0)
        {
            duplicate = null;
            return Errno.Last("fcntl");
        }

        duplicate = new SafeFileHandle(descriptor, ownsHandle: true);
        return SystemError.None;
    }

    public override SystemError QueryFileCache(SafeFileHandle file, long offset, long length, out FileCacheFacts facts)
    {
        facts = default;
        return MacErrors.NotSupported("mincore");
    }

    /// <remarks>Memory of shm_open(2) has no kind at all (pshm_stat); it has a length and is mapped like a file.</remarks>
    internal static FileKind KindOf(ushort mode) => (mode & S_IFMT) switch
    {
        S_IFREG or 0 => FileKind.Regular,
        S_IFBLK => FileKind.BlockDevice,
        S_IFCHR => FileKind.CharacterDevice,
        S_IFDIR => FileKind.Directory,
        S_IFIFO => FileKind.Pipe,
        S_IFSOCK => FileKind.Socket,
        _ => FileKind.Other,
    };
}
