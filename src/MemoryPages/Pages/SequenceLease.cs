using System.Buffers;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>A lease on pages as <see cref="ReadOnlySequence{T}"/>: as many bytes as there are, in segments that a memory can have.</summary>
/// <remarks>
/// Safe to use from any thread. A span of a segment that is kept past the end of the lease and of the pages is a mistake that the compiler does not
/// see: as for <see cref="PagesMemory"/>, the addresses stay inaccessible for a while then.
/// </remarks>
[Owner]
public sealed class SequenceLease : IDisposable
{
    /// <summary>Whole pages of every size, so that each segment starts at the beginning of one where the first does.</summary>
    private const int LongestSegment = 1 << 30;

    private readonly LeasedBytes _bytes;
    private readonly MemoryLease?[] _leases;
    private readonly ReadOnlySequence<byte> _sequence;

    /// <param name="bytes">Its own from here on.</param>
    internal SequenceLease(LeasedBytes bytes)
    {
        _bytes = bytes;
        _leases = [];
        LeasedBytes? part = null;
        bool isWhole = false;
        try
        {
            nuint count = Math.Max(1, (bytes.Length / LongestSegment) + (bytes.Length % LongestSegment == 0 ? 0u : 1u));
            _leases = new MemoryLease[count];
            Segment? first = null;
            Segment? last = null;
            for (nuint i = 0; i < count; i++)
            {
                nuint offset = i * LongestSegment;
                part = bytes.Part(offset, Math.Min(LongestSegment, bytes.Length - offset));
                var lease = new MemoryLease(part);
                _leases[i] = lease;
                part = null;
                last = new Segment(lease.Memory, (long)offset, last);
                first ??= last;
            }

            _sequence = new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                part?.Dispose();
                Dispose();
            }
        }
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended; so do sequences taken from it before say when they are used.</exception>
    public ReadOnlySequence<byte> Sequence
    {
        get
        {
            _bytes.ThrowIfEnded();
            return _sequence;
        }
    }

    /// <summary>Ends the lease. Idempotent.</summary>
    public void Dispose()
    {
        foreach (IDisposable? lease in _leases)
        {
            lease?.Dispose(); // null where memory ran out while it was made
        }

        _bytes.Dispose();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? previous)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            if (previous is not null)
            {
                previous.Next = this;
            }
        }
    }
}
