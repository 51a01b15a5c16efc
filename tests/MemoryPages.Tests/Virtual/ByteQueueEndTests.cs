#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using System.Buffers;

namespace MemoryPages.Tests.Reserved;

/// <summary>How a byte queue ends, completed or disposed, and what is left of it.</summary>
public sealed unsafe class ByteQueueEndTests
{
    private static readonly nuint s_page = PageSize.AllocationGranularity; // what rings are rounded to

    [Fact]
    public void Completing_lets_the_consumer_finish_and_the_producer_add_nothing()
    {
        using var queue = ByteQueue.Create(s_page);
        queue.TryEnqueue([1, 2, 3]);
        Assert.False(queue.IsCompleted);
        queue.Complete();
        queue.Complete();
        Assert.True(queue.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => queue.TryEnqueue([4]));
        Assert.Throws<InvalidOperationException>(() => queue.TryEnqueue(new byte[s_page]));
        Assert.Throws<InvalidOperationException>(() => queue.Free());
        Assert.Throws<InvalidOperationException>(() => queue.Commit(0));
        Assert.Throws<InvalidOperationException>(() => queue.GetSpan().Length);
        Assert.Throws<InvalidOperationException>(() => queue.GetMemory());
        Assert.Throws<InvalidOperationException>(() => queue.Advance(0));
        Assert.Throws<InvalidOperationException>(() => Begin(queue.WaitForSpaceAsync(1, CancellationToken.None)));

        byte[] taken = new byte[10];
        Assert.Equal(3, queue.TryDequeue(taken));
        Assert.Equal(0, queue.TryDequeue(taken));
        queue.Consume(0);
        using ReadView nothing = queue.Available();
        Assert.Equal(0u, nothing.Length);
    }

    [Fact]
    public void A_disposed_queue_is_refused_everywhere()
    {
        var queue = ByteQueue.Create(s_page, "queue-disposed");
        Memory<byte> memory = queue.GetMemory();
        nuint address = Ring.AddressOf(queue);
        queue.Dispose();
        queue.Dispose();

        Action[] uses =
        [
            () => queue.TryEnqueue([1]), () => queue.TryEnqueue([]), () => queue.TryEnqueue(new byte[s_page + 1]), () => queue.Free(), () => queue.Commit(0),
            () => _ = queue.GetSpan().Length, () => queue.GetMemory(), () => queue.Advance(0), queue.Complete, () => Begin(queue.WaitForSpaceAsync(0)),
            () => queue.TryDequeue(new byte[1]), () => queue.TryDequeue([]), () => queue.Available(), () => queue.Consume(0),
            () => Begin(queue.WaitForDataAsync()), queue.Prefault, queue.Lock, queue.Unlock, () => queue.CountResidentBytes(),
            () => _ = memory.Span.Length, () => memory.Pin(),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));

        // A span that somebody kept is a fault: the addresses are nobody's.
        Ring.AssertNothingLeft("queue-disposed");
        Assert.Equal("---p", SystemMap.At(address)!.Access);
        Assert.Equal("---p", SystemMap.At(address + (2 * s_page) - 1)!.Access);
    }

    [Fact]
    public void Disposing_while_leased_keeps_the_memory_until_the_last_lease_ends()
    {
        var queue = ByteQueue.Create(s_page, "queue-leased");
        queue.TryEnqueue([1, 2, 3]);
        MemoryHandle pinned = queue.GetMemory().Pin();
        using (ReadView available = queue.Available())
        {
            using (WriteView free = queue.Free())
            {
                Assert.Equal(3, queue.LeaseCount);
                queue.Dispose();
                Assert.Throws<ObjectDisposedException>(() => queue.Available());
                free[0] = 9;
            }

            Assert.Equal([1, 2, 3], available.Span.ToArray());
        }

        Assert.Equal(9, *(byte*)pinned.Pointer);
        Assert.Equal(2, Ring.MappingsNamed("queue-leased").Count);
        pinned.Dispose();
        Ring.AssertNothingLeft("queue-leased");
    }

    [Fact]
    public void Thousands_of_queues_leave_the_quarantine_and_nothing_else()
    {
        for (int i = 0; i < 1100; i++)
        {
            ByteQueue.Create(s_page, "queue-of-many").Dispose(); // the quarantine is full now
        }

        int mappings = SystemMap.Count();
        for (int i = 0; i < 5000; i++)
        {
            using var queue = ByteQueue.Create(s_page, "queue-of-many");
            queue.TryEnqueue([1]);
        }

        Ring.AssertNothingLeft("queue-of-many");
        Assert.InRange(SystemMap.Count(), 0, mappings + 2000); // ranges of the quarantine, of which there are 1024, may lie apart or side by side
    }

    private static void Begin(ValueTask wait) => wait.GetAwaiter().GetResult();

    private static bool Begin(ValueTask<bool> wait) => wait.IsCompletedSuccessfully;
}
