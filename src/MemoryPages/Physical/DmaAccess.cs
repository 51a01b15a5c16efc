using MemoryPages.Ownership;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>
/// The time in which the processor works with a buffer (<see cref="DmaBuffer.BeginAccess"/>). Use it with <c>using</c>; do not copy it.
/// </summary>
[MoveOnly]
public readonly ref struct DmaAccess : IDisposable
{
    private readonly SafeFileHandle? _buffer;
    private readonly bool _forWriting;

    /// <param name="buffer">Where the access has begun.</param>
    /// <param name="forWriting">Whether the processor writes.</param>
    internal DmaAccess(SafeFileHandle buffer, bool forWriting)
    {
        _buffer = buffer;
        _forWriting = forWriting;
    }

    /// <summary>What was written reaches devices that look from now on.</summary>
    void IDisposable.Dispose()
    {
        try
        {
            if (_buffer is { IsClosed: false })
            {
                _ = MemorySystem.Current.SynchronizeDmaBuffer(_buffer, _forWriting, ends: true);
            }
        }
        catch (ObjectDisposedException)
        {
            // The buffer ended beside this: there is nobody to be told.
        }
    }
}
