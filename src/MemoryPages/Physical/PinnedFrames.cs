using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>What keeps pages in their frames, let go when the pages end.</summary>
internal sealed class PinnedFrames : IDisposable
{
    private readonly SafeFileHandle _pin;

    private PinnedFrames(SafeFileHandle pin) => _pin = pin;

    public static SystemError TryPin(nuint address, nuint length, out PinnedFrames? pinned)
    {
        var pin = new SafeFileHandle();
        SystemError error = MemorySystem.Current.Pin(address, length, pin);
        pinned = error.Failed ? null : new PinnedFrames(pin);
        if (error.Failed)
        {
            pin.Dispose();
        }

        return error;
    }

    public void Dispose()
    {
        if (!_pin.IsClosed) // the finalizer may have closed it first, where all was lost
        {
            MemorySystem.Current.Unpin(_pin);
        }
    }
}
