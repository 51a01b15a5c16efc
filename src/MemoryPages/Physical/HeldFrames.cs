using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>What keeps pages in their frames, and what was added to the pool for them: let go when the pages end.</summary>
internal sealed class HeldFrames(SafeFileHandle? pin, HugePagePool? pool) : IDisposable
{
    public void Dispose()
    {
        if (pin is { IsClosed: false }) // the finalizer may have closed it first, where all was lost
        {
            MemorySystem.Current.Unpin(pin);
        }

        pool?.Dispose();
    }
}
