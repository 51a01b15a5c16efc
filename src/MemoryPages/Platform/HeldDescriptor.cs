using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>A file handle's descriptor, held open: another thread that closes the handle meanwhile closes it when this ends.</summary>
internal readonly ref struct HeldDescriptor : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public HeldDescriptor(SafeFileHandle file)
    {
        bool held = false;
        file.DangerousAddRef(ref held);
        _file = file;
    }

    public int Number => (int)_file.DangerousGetHandle();

    public void Dispose() => _file.DangerousRelease();
}
