using System.Buffers;

namespace MemoryPages.Virtual;

/// <summary>
/// A part of a list as <see cref="Memory{T}"/>. It holds no lease while it lies about: after the list it is a fault, as any reference into it.
/// </summary>
internal sealed unsafe class ListMemory<T>(GrowingMemory memory, T* start, int length) : MemoryManager<T>
    where T : unmanaged
{
    public override Span<T> GetSpan()
    {
        memory.Mapping.Acquire(default); // throws where the list was disposed
        memory.Mapping.Release();
        return new Span<T>(start, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        memory.Mapping.Acquire(default);
        return new MemoryHandle(start + elementIndex, pinnable: this);
    }

    public override void Unpin() => memory.Mapping.Release();

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>A link of a sequence over a list.</summary>
internal sealed class ListSegment<T> : ReadOnlySequenceSegment<T>
{
    public ListSegment(ReadOnlyMemory<T> memory, ListSegment<T>? before)
    {
        Memory = memory;
        if (before is not null)
        {
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
