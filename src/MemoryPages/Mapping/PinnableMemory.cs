using System.Buffers;

namespace MemoryPages.Mapping;

/// <summary>
/// Memory at an address as an object, for as long as its owner wants it or somebody pins it: whoever is the last gives it back, once.
/// </summary>
/// <remarks>No finalizer (CA2015): it could give memory back under a span in use.</remarks>
internal abstract unsafe class PinnableMemory<T>(nuint address, int length) : MemoryManager<T>
    where T : unmanaged
{
    private const int Ended = int.MinValue;

    private int _state; // Ended, and the number of pins: whoever brings it to Ended alone gives the memory back

    public override Memory<T> Memory
    {
        get
        {
            ThrowIfEnded(Volatile.Read(ref _state));
            return CreateMemory(length);
        }
    }

    public override Span<T> GetSpan()
    {
        ThrowIfEnded(Volatile.Read(ref _state));
        NoteEscape();
        return new Span<T>((void*)address, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        _ = Change(+1);
        NoteEscape();
        return new MemoryHandle((T*)address + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        if (Change(-1) == Ended)
        {
            Release();
        }
    }

    /// <summary>Nobody uses the memory any more: called once.</summary>
    protected abstract void Release();

    /// <summary>A span or a pointer is handed out that nobody bounds.</summary>
    protected virtual void NoteEscape()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Or(ref _state, Ended) == 0)
        {
            Release();
        }
    }

    /// <summary>One pin more or less.</summary>
    private int Change(int pins)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (pins > 0)
            {
                ThrowIfEnded(state);
            }
            else if ((state & ~Ended) == 0)
            {
                throw new InvalidOperationException("This memory is not pinned: it was unpinned once too often.");
            }

            if (Interlocked.CompareExchange(ref _state, state + pins, state) == state)
            {
                return state + pins;
            }
        }
    }

    private void ThrowIfEnded(int state) => ObjectDisposedException.ThrowIf(state < 0, this);
}
