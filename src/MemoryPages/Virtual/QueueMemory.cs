using System.Buffers;
using MemoryPages.Mapping;

namespace MemoryPages.Virtual;

/// <summary>
/// Bytes of a queue as <see cref="Memory{T}"/>. It holds no lease while it lies about: after the queue, using it is refused, and a span kept of it a
/// fault.
/// </summary>
internal sealed unsafe class QueueMemory(MappingHandle mapping, byte* start, int length) : MemoryManager<byte>
{
    public int Length => length;

    public override Memory<byte> Memory => CreateMemory(length);

    public override Span<byte> GetSpan()
    {
        mapping.Acquire(default); // throws where the queue was disposed
        mapping.Release();
        return new Span<byte>(start, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        mapping.Acquire(default);
        return new MemoryHandle(start + elementIndex, pinnable: this);
    }

    public override void Unpin() => mapping.Release();

    protected override void Dispose(bool disposing)
    {
    }
}
