#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Buffers;
using System.Text.Json;

namespace MemoryPages.Tests.Reserved;

/// <summary>What one thread sees of a byte queue.</summary>
public sealed class ByteQueueTests
{
    private static readonly nuint s_page = PageSize.AllocationGranularity; // what rings are rounded to

    [Fact]
    public void What_goes_in_comes_out_in_order()
    {
        using var queue = ByteQueue.Create(1, "queue");
        Assert.Equal((s_page, "queue", (nuint)0), (queue.Capacity, queue.Name, queue.Count));
        Assert.True(queue.TryEnqueue([1, 2, 3]));
        Assert.True(queue.TryEnqueue([]));
        Assert.True(queue.TryEnqueue([4, 5]));
        Assert.Equal(5u, queue.Count);

        byte[] taken = new byte[4];
        Assert.Equal(4, queue.TryDequeue(taken));
        Assert.Equal([1, 2, 3, 4], taken);
        Assert.Equal(0, queue.TryDequeue([]));
        Assert.Equal(1, queue.TryDequeue(taken));
        Assert.Equal([5, 2, 3, 4], taken);
        Assert.Equal(0, queue.TryDequeue(taken));
        Assert.Equal(0u, queue.Count);
    }

    [Fact]
    public void A_full_queue_takes_nothing_and_keeps_what_it_has()
    {
        using var queue = ByteQueue.Create(s_page);
        byte[] content = new byte[s_page - 1];
        new Noise(1).Fill(content);
        Assert.True(queue.TryEnqueue(content));
        Assert.False(queue.TryEnqueue([1, 2]));
        Assert.True(queue.TryEnqueue([1]));
        Assert.False(queue.TryEnqueue([2]));
        Assert.True(queue.TryEnqueue([]));
        using (WriteView free = queue.Free())
        {
            Assert.Equal(0u, free.Length);
        }

        using ReadView all = queue.Available();
        Assert.Equal([.. content, 1], all.Span.ToArray());
    }

    [Fact]
    public void What_can_never_fit_is_refused()
    {
        using var queue = ByteQueue.Create(s_page);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => queue.TryEnqueue(new byte[s_page + 1]));
        Assert.Equal("bytes", refused.ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Begin(queue.WaitForSpaceAsync(s_page + 1, CancellationToken.None)));
        Assert.True(queue.TryEnqueue(new byte[s_page]));
    }

    [Fact]
    public void Committing_or_consuming_more_than_there_is_is_refused()
    {
        using var queue = ByteQueue.Create(s_page);
        queue.Commit(10);
        foreach (nuint count in new[] { s_page - 9, s_page, 2 * s_page, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => queue.Commit(count));
        }

        foreach (nuint count in new[] { 11u, s_page, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => queue.Consume(count));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Advance((int)s_page - 9));
        Assert.Equal(10u, queue.Count);
        queue.Commit(s_page - 10);
        queue.Consume(s_page);
        Assert.Equal(0u, queue.Count);
    }

    /// <summary>Records of a length that has nothing to do with the capacity: each is whole in one span, at every place, the seam's too.</summary>
    [Fact]
    public void A_record_never_wraps()
    {
        const int Record = 1021;
        using var queue = ByteQueue.Create(3 * s_page);
        var written = new Noise(7);
        var expected = new Noise(7);
        byte[] record = new byte[Record];
        for (int i = 0; i < 1000; i++)
        {
            using (WriteView free = queue.Free())
            {
                Assert.Equal(queue.Capacity - queue.Count, free.Length);
                written.Fill(free.Slice(0, Record));
            }

            queue.Commit(Record);
            if (i >= 5)
            {
                using (ReadView available = queue.Available())
                {
                    Assert.Equal(6u * Record, available.Length);
                    expected.Fill(record);
                    Assert.True(available.Slice(0, Record).SequenceEqual(record));
                }

                queue.Consume(Record);
            }
        }
    }

    [Fact]
    public void Serializers_write_into_it()
    {
        using var queue = ByteQueue.Create(s_page);
        byte[] rest = new byte[100];
        for (int i = 0; i < 500; i++)
        {
            using (var writer = new Utf8JsonWriter((IBufferWriter<byte>)queue))
            {
                writer.WriteStartObject();
                writer.WriteNumber("number", i);
                writer.WriteString("text", new string('x', 80));
                writer.WriteEndObject();
            }

            using (ReadView record = queue.Available())
            {
                var reader = new Utf8JsonReader(record.Span);
                Assert.Equal(i, JsonElement.ParseValue(ref reader).GetProperty("number").GetInt32());
                queue.Consume((nuint)reader.BytesConsumed);
            }

            Assert.Equal(0, queue.TryDequeue(rest));
        }
    }

    [Fact]
    public void A_span_that_does_not_fit_is_refused_and_never_shorter()
    {
        using var queue = ByteQueue.Create(s_page);
        Assert.Equal((int)s_page, queue.GetSpan().Length);
        Assert.Equal((int)s_page, queue.GetSpan((int)s_page).Length);
        Assert.Throws<InvalidOperationException>(() => queue.GetSpan((int)s_page + 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetMemory(-1));
        queue.Advance((int)s_page - 1);
        Assert.Equal(1, queue.GetSpan().Length);
        Assert.Throws<InvalidOperationException>(() => queue.GetMemory(2));
        queue.Advance(1);
        Assert.Throws<InvalidOperationException>(() => queue.GetSpan().Length);
        queue.Consume(7);
        Assert.Equal(7, queue.GetMemory().Length);
    }

    [Fact]
    public void A_queue_of_more_than_two_gibibytes_is_filled_and_read_everywhere()
    {
        Needed.Call("mincore");
        using var queue = ByteQueue.Create((nuint)3 << 30);
        Assert.Equal(int.MaxValue, queue.GetSpan().Length);
        queue.Commit(queue.Capacity - 3);
        queue.Consume(queue.Capacity - 3);

        Memory<byte> acrossTheSeam = queue.GetMemory(7);
        Assert.Equal(int.MaxValue, acrossTheSeam.Length);
        for (byte i = 0; i < 7; i++)
        {
            acrossTheSeam.Span[i] = (byte)(i + 1);
        }

        queue.Advance(7);
        using (ReadView view = queue.Available())
        {
            Assert.Equal([1, 2, 3, 4, 5, 6, 7], view.Span.ToArray());
        }

        queue.Consume(7);
        using WriteView free = queue.Free();
        Assert.Equal(queue.Capacity, free.Length);
        Assert.Equal(2 * s_page, queue.CountResidentBytes());
    }

    [Fact]
    public void Operations_allocate_nothing()
    {
        using var queue = ByteQueue.Create(s_page);
        byte[] record = new byte[64];
        Run(queue, record);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Run(queue, record);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Run(ByteQueue queue, byte[] record)
        {
            queue.TryEnqueue(record);
            queue.TryDequeue(record);
            record.CopyTo(queue.GetMemory(64));
            queue.Advance(64);
            record.CopyTo(queue.GetSpan(64));
            queue.Advance(64);
            using (WriteView free = queue.Free())
            {
                free.Slice(0, 64).Clear();
            }

            queue.Commit(64);
            using (ReadView available = queue.Available())
            {
                queue.Consume(available.Length);
            }

            // A wait that is not over at once, and one that is.
            ValueTask<bool> data = queue.WaitForDataAsync();
            queue.Commit(s_page);
            AssertEnded(ref data);
            ValueTask space = queue.WaitForSpaceAsync(s_page);
            queue.Consume(s_page);
            space.GetAwaiter().GetResult();
        }

        static void AssertEnded(ref ValueTask<bool> wait)
        {
            if (!wait.IsCompleted || !wait.GetAwaiter().GetResult())
            {
                Assert.Fail("The wait has not ended.");
            }
        }
    }

    [Fact]
    public void It_is_prefaulted_and_locked_as_the_ring_that_it_stands_on()
    {
        using var queue = ByteQueue.Create(4 * s_page);
        Assert.Equal(0u, queue.CountResidentBytes());
        queue.Prefault();
        Assert.Equal(queue.Capacity, queue.CountResidentBytes());
        long before = SystemMap.Status("VmLck");
        queue.Lock();
        Assert.Equal(before + (long)queue.Capacity, SystemMap.Status("VmLck"));
        queue.Unlock();
        Assert.Equal(before, SystemMap.Status("VmLck"));
    }

    [Fact]
    public void Creating_is_tried_or_refused()
    {
        Assert.True(ByteQueue.TryCreate(1, out ByteQueue? queue, "queue"));
        queue.Dispose();
        Assert.False(ByteQueue.TryCreate(nuint.MaxValue, out ByteQueue? none));
        Assert.Null(none);
        Assert.Throws<ArgumentOutOfRangeException>(() => ByteQueue.TryCreate(0, out _));
        Assert.Throws<MemoryPagesException>(() => ByteQueue.Create(nuint.MaxValue));
    }

    private static void Begin(ValueTask wait) => wait.GetAwaiter().GetResult();
}
