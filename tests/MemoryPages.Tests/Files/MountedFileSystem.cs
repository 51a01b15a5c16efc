using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Files;

/// <summary>A file system in memory that a test mounts for itself. Takes root.</summary>
internal sealed class MountedFileSystem : IDisposable
{
    public const nuint ReadOnlyFlag = 1;
    public const nuint NoExecution = 8;
    private const nuint Remount = 32;
    private const int Detach = 2;

    public MountedFileSystem(string options, nuint flags = 0)
    {
        Folder = Directory.CreateTempSubdirectory("memorypages-").FullName;
        if (Kernel.Mount("none", Folder, "tmpfs", flags, options) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            Directory.Delete(Folder);
            Assert.SkipWhen(error == SystemCallFailure.EPERM, "Mounting a file system takes root (CAP_SYS_ADMIN).");
            Assert.SkipWhen(error == SystemCallFailure.EINVAL, $"This kernel mounts no tmpfs with the options '{options}'.");
            Assert.Fail($"mount said errno {error}.");
        }
    }

    public string Folder { get; }

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void MakeReadOnly() => Assert.Equal(0, Kernel.Mount("none", Folder, "tmpfs", Remount | ReadOnlyFlag, null));

    public void Dispose()
    {
        Assert.Equal(0, Kernel.Unmount(Folder, Detach));
        Directory.Delete(Folder);
    }
}
