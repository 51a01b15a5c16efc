using System.Runtime.InteropServices;

namespace MemoryPages.Virtual;

/// <summary>
/// The words of a byte queue, placed by who writes them: each group two cache lines (128 bytes: processors fetch pairs) away from everything else.
/// The counters only grow and are compared by their difference; the offsets are the same modulo the capacity, kept so that nothing need be divided.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 640)]
internal struct QueueState
{
    /// <summary>Bytes ever enqueued. Written by the producer, read by both.</summary>
    [FieldOffset(128)]
    public ulong Enqueued;

    /// <summary>Where the next byte is written: below the capacity. The producer's own, as are the next two.</summary>
    [FieldOffset(256)]
    public nuint WriteOffset;

    /// <summary>What <see cref="Dequeued"/> was when the producer last looked: never more than it is.</summary>
    [FieldOffset(264)]
    public ulong SeenDequeued;

    /// <summary>1 while the producer copies. Read by whoever disposes.</summary>
    [FieldOffset(272)]
    public int Producing;

    /// <summary>Bytes ever dequeued. Written by the consumer, read by both.</summary>
    [FieldOffset(384)]
    public ulong Dequeued;

    /// <summary>Where the next byte is read: below the capacity. The consumer's own, as are the next two.</summary>
    [FieldOffset(512)]
    public nuint ReadOffset;

    /// <summary>What <see cref="Enqueued"/> was when the consumer last looked: never more than it is.</summary>
    [FieldOffset(520)]
    public ulong SeenEnqueued;

    /// <summary>1 while the consumer copies. Read by whoever disposes.</summary>
    [FieldOffset(528)]
    public int Consuming;
}
