using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tool.Probing;

/// <summary>
/// What the file system of a folder can do, tried on a file without a name (O_TMPFILE): nobody sees it, and it is gone when closed.
/// </summary>
internal sealed unsafe class FolderProbe : IDisposable
{
    private readonly SafeFileHandle _file;

    private FolderProbe(SafeFileHandle file) => _file = file;

    /// <summary>Null and the error number where no such file can be made there.</summary>
    public static FolderProbe? In(string folder, out int error)
    {
        const nint CurrentFolder = -100; // AT_FDCWD
        const nint OwnerOnly = 0x180; // 0600
        const nint Flags = 0x400000 | 0x80000 | 2; // O_TMPFILE, O_CLOEXEC, O_RDWR
        nint folderFlag = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000 : 0x4000; // O_DIRECTORY, a part of O_TMPFILE
        fixed (byte* path = Encoding.UTF8.GetBytes(folder + '\0'))
        {
            nint descriptor = SystemCalls.Invoke(SystemCalls.OpenAt, out error, CurrentFolder, (nint)path, Flags | folderFlag, OwnerOnly);
            return descriptor < 0 ? null : new FolderProbe(new SafeFileHandle(descriptor, ownsHandle: true));
        }
    }

    /// <summary>fallocate(2): space is set aside before it is written.</summary>
    public bool Allocates() => Allocate(mode: 0);

    /// <summary>FALLOC_FL_PUNCH_HOLE: space in the middle is given back.</summary>
    public bool PunchesHoles() => Allocate(mode: 3);

    /// <summary>Whether its files can be mapped shared and written.</summary>
    public bool MapsShared()
    {
        try
        {
            using Pages<ReadWrite> pages = Pages.MapShared(_file, PageSize.Base, new() { Space = FileSpace.Sparse });
            pages.Write(0, (byte)1);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>MAP_SYNC (mmap(2)): only where the pages of a file are those of its device (DAX).</summary>
    public bool IsDirect()
    {
        const nint ReadWrite = 3;
        const nint SharedSynchronous = 0x80003; // MAP_SHARED_VALIDATE, MAP_SYNC
        nint mapped = SystemCalls.Invoke(SystemCalls.Map, out _, 0, (nint)PageSize.Base, ReadWrite, SharedSynchronous, Descriptor);
        return mapped != -1 && SystemCalls.Invoke(SystemCalls.Unmap, out _, mapped, (nint)PageSize.Base) == 0;
    }

    public void Dispose() => _file.Dispose();

    private nint Descriptor => _file.DangerousGetHandle();

    private bool Allocate(nint mode) => SystemCalls.Invoke(SystemCalls.AllocateFile, out _, Descriptor, mode, 0, (nint)PageSize.Base) == 0;
}
