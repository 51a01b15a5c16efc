using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>
/// A bounded queue of bytes from one thread to one other, without locks, in which nothing ever wraps: it stands on a <see cref="MirroredBuffer"/>.
/// </summary>
/// <remarks>
/// <para>
/// One producer and one consumer at a time. The producer enqueues copies, or fills <see cref="Free"/> or <see cref="GetSpan"/> in place and commits;
/// the consumer looks at <see cref="Available"/> in place and consumes, or dequeues copies. All that is enqueued is one contiguous view, and so is
/// all that is free: a record is never in two pieces. <see cref="Complete"/> is the producer's; <see cref="Dispose"/>, <see cref="Count"/> and the
/// rest are anyone's.
/// </para>
/// <para>
/// <b>Why it is right.</b> Each side has a counter that only it writes and that only grows (64 bits: it never overflows, and the difference would be
/// right if it did).
/// </para>
/// <list type="number">
/// <item>
/// <i>What is read was written.</i> The producer copies bytes in, then stores its counter with release; the consumer loads that counter with acquire,
/// then reads the bytes. x86 keeps both orders of its own accord; on arm64 they are <c>stlr</c> and <c>ldar</c>/<c>ldapr</c>; the compiler moves
/// nothing over either.
/// </item>
/// <item>
/// <i>What is overwritten was read.</i> The same the other way round: the consumer copies out, then stores its counter with release; the producer
/// loads it with acquire, then writes. No write is ahead of that load: it depends on it by a branch, and the acquire orders it.
/// </item>
/// <item>
/// <i>An old value is a safe one.</i> Each side works with what it last saw of the other's counter, and looks again only when that does not suffice.
/// Counters grow, so what was seen is less free space, or fewer bytes, than there is: never more.
/// </item>
/// <item>
/// <i>No waiter sleeps through what it waits for:</i> see <see cref="WaitSlot"/>, which takes the full fence away from the side that does not wait.
/// </item>
/// <item>
/// <i>No memory ends under a copy.</i> A side says that it is copying, by a store of its own, then loads whether the queue has ended, then copies.
/// Dispose stores that it has ended, passes a barrier of the whole process, and waits until neither side says so. Either a side's load comes after
/// its fence in that barrier, and sees the end: it copies nothing. Or its store was before the fence, and Dispose sees it, and waits for the release
/// that ends the copy. Views are leases on the mapping, which counts them.
/// </item>
/// </list>
/// <para>
/// Two producers at once, or two consumers, mix up the bytes and are mostly told so by an exception. They do not reach outside the queue: every
/// offset is below the capacity, every length at most the capacity, and both are checked where they are used.
/// </para>
/// </remarks>
[DebuggerDisplay("Count = {Count}, Capacity = {Capacity}")]
[Owner, UsableWhenSpent]
public sealed unsafe partial class ByteQueue : IDisposable, IBufferWriter<byte>
{
    private const int Open = 0;
    private const int Completed = 1;
    private const int Disposed = 2;

    private readonly MirroredBuffer _buffer;
    private readonly QueueMemory _memory;
    private readonly byte* _start;
    private readonly nuint _capacity;
    private readonly WaitSlot _dataWait = new();
    private readonly WaitSlot _spaceWait = new();
    private int _end;

    // What every operation writes: apart from everything else, and the two sides apart from each other.
    private QueueState _state;

    private ByteQueue(MirroredBuffer buffer)
    {
        _buffer = buffer;
        _start = (byte*)buffer.Mapping.Address;
        _capacity = buffer.Length;
        _memory = new QueueMemory(buffer.Mapping, _start, (int)Math.Min(buffer.Mapping.MappedLength, int.MaxValue));

        // GetSpan's are not bounded by the compiler, and an operation may race with Dispose: the addresses stay out of use for a while.
        buffer.Mapping.MarkSpansEscaped();
    }

    /// <summary>The most bytes that it holds: whole pages.</summary>
    public nuint Capacity => _capacity;

    /// <summary>The name it was given, or null.</summary>
    public string? Name => _buffer.Name;

    /// <summary>The bytes in it. A snapshot; for the consumer at least so many, for the producer at most.</summary>
    public nuint Count
    {
        get
        {
            ulong dequeued = Volatile.Read(ref _state.Dequeued); // first: the other is never behind it then
            return (nuint)Math.Min(Volatile.Read(ref _state.Enqueued) - dequeued, _capacity);
        }
    }

    /// <summary>
    /// Whether the producer has called <see cref="Complete"/>. What is in the queue then can still be taken: ask this first, then look.
    /// </summary>
    public bool IsCompleted => Volatile.Read(ref _end) != Open;

    /// <summary>The number of open views. For diagnosis.</summary>
    public long LeaseCount => _buffer.LeaseCount;

    /// <summary>An empty queue.</summary>
    /// <param name="capacity">
    /// Bytes, rounded up to <see cref="PageSize.AllocationGranularity"/>: on Linux to whole pages, on Windows to 64 KiB.
    /// </param>
    /// <param name="name">A name: see <see cref="MirroredBuffer.Create"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is 0.</exception>
    /// <exception cref="MemoryPagesException">The system refused: see <see cref="MirroredBuffer.Create"/>.</exception>
    public static ByteQueue Create(nuint capacity, string? name = null) => new(MirroredBuffer.Create(capacity, name));

    /// <summary>As <see cref="Create"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <param name="capacity">
    /// Bytes, rounded up to <see cref="PageSize.AllocationGranularity"/>: on Linux to whole pages, on Windows to 64 KiB.
    /// </param>
    /// <param name="queue">The queue, or null.</param>
    /// <param name="name">A name: see <see cref="MirroredBuffer.Create"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is 0.</exception>
    public static bool TryCreate(nuint capacity, [NotNullWhen(true)] out ByteQueue? queue, string? name = null)
    {
        queue = MirroredBuffer.TryCreate(capacity, out MirroredBuffer? buffer, name) ? new ByteQueue(buffer) : null;
        return queue is not null;
    }

    /// <inheritdoc cref="MirroredBuffer.Prefault"/>
    public void Prefault() => _buffer.Prefault();

    /// <inheritdoc cref="MirroredBuffer.Lock"/>
    public void Lock() => _buffer.Lock();

    /// <inheritdoc cref="MirroredBuffer.Unlock"/>
    public void Unlock() => _buffer.Unlock();

    /// <inheritdoc cref="MirroredBuffer.CountResidentBytes"/>
    public nuint CountResidentBytes() => _buffer.CountResidentBytes();

    /// <summary>
    /// Refuses new use at once, ends waits with <see cref="ObjectDisposedException"/>, lets copies that are under way finish, and gives the memory
    /// back when the last view ends. Idempotent, from any thread. Spans and memories of <see cref="GetSpan"/> and <see cref="GetMemory"/> must not be
    /// used afterwards: a span kept is a fault, which ends the process.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _end, Disposed) == Disposed)
        {
            return;
        }

        Interlocked.MemoryBarrierProcessWide();
        var backoff = default(Backoff);
        while (Volatile.Read(ref _state.Producing) != 0 || Volatile.Read(ref _state.Consuming) != 0)
        {
            backoff.Wait();
        }

        _buffer.Dispose();
        ((IDisposable)_memory).Dispose();
        _dataWait.Fail(AlreadyDisposed());
        _spaceWait.Fail(AlreadyDisposed());
    }

    /// <summary>
    /// From here to the store of 0 the memory does not end. Nothing in between may throw: Dispose would wait for ever. A second thread on the same
    /// side is told so, as far as it can be seen without a fence.
    /// </summary>
    /// <param name="copying">The side's flag.</param>
    /// <param name="refusedFrom">The state from which on this side is refused.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginCopy(ref int copying, int refusedFrom)
    {
        if (Volatile.Read(ref copying) != 0)
        {
            ThrowTwoAtOnce();
        }

        Volatile.Write(ref copying, 1);
        if (Volatile.Read(ref _end) >= refusedFrom)
        {
            Volatile.Write(ref copying, 0);
            ThrowEnded();
        }
    }

    private void ThrowIfEnded(int refusedFrom)
    {
        if (Volatile.Read(ref _end) >= refusedFrom)
        {
            ThrowEnded();
        }
    }

    [DoesNotReturn]
    private void ThrowEnded() => throw (Volatile.Read(ref _end) == Disposed
        ? AlreadyDisposed()
        : new InvalidOperationException("The queue was completed: nothing can be added."));

    [DoesNotReturn]
    private static void ThrowTwoAtOnce() => throw new InvalidOperationException(
        "Two threads are on the same side of the queue at once: it is for one producer and one consumer.");

    private static ObjectDisposedException AlreadyDisposed() => new(nameof(ByteQueue), "This queue has been disposed.");
}
