using System.Buffers;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace MemoryPages.Tests.Reserved;

/// <summary>What one thread sees of a byte queue.</summary>
public sealed unsafe class ByteQueueTests
{
    private static readonly nuint s_page = PageSize.Base;

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

    /// <summary>Every way in and out, in any order and length, against a queue of the framework's.</summary>
    [Fact]
    public void Any_sequence_of_operations_does_what_a_plain_queue_does() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ListOf().ToArbitrary(), numbers =>
        {
            using var queue = ByteQueue.Create(3 * s_page);
            var model = new Queue<byte>();
            var noise = new Noise((ulong)numbers.Count);
            foreach (int number in numbers)
            {
                Operate(queue, model, number % 7, (number / 7) % (int)(queue.Capacity + 2), ref noise);
                Assert.Equal((nuint)model.Count, queue.Count);
                Assert.Equal(0, queue.LeaseCount);
            }

            using ReadView rest = queue.Available();
            Assert.True(rest.Span.SequenceEqual(model.ToArray()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));

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
        for (int i = 0; i < 3000; i++)
        {
            using var queue = ByteQueue.Create(s_page, "queue-of-many");
            queue.TryEnqueue([1]);
        }

        Ring.AssertNothingLeft("queue-of-many");
        Assert.InRange(SystemMap.Count(), 0, mappings + 100);
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

    private static void Operate(ByteQueue queue, Queue<byte> model, int kind, int length, ref Noise noise)
    {
        int free = (int)queue.Capacity - model.Count;
        byte[] bytes = new byte[length];
        noise.Fill(bytes);
        switch (kind)
        {
            case 0 when length > (int)queue.Capacity:
                Assert.Throws<ArgumentException>(() => queue.TryEnqueue(bytes));
                break;
            case 0:
                Assert.Equal(length <= free, queue.TryEnqueue(bytes));
                Add(model, length <= free ? bytes : []);
                break;
            case 1:
                using (WriteView view = queue.Free())
                {
                    Assert.Equal((nuint)free, view.Length);
                    bytes = bytes[..Math.Min(length, free)];
                    bytes.CopyTo(view.Span);
                }

                queue.Commit((nuint)bytes.Length);
                Add(model, bytes);
                break;
            case 2 when Math.Max(length, 1) > free:
                Assert.Throws<InvalidOperationException>(() => queue.GetSpan(length).Length);
                break;
            case 2:
                Assert.Equal(free, queue.GetSpan(length).Length);
                bytes.CopyTo(queue.GetSpan(length));
                queue.Advance(length);
                Add(model, bytes);
                break;
            case 3 when Math.Max(length, 1) > free:
                Assert.Throws<InvalidOperationException>(() => queue.GetMemory(length));
                break;
            case 3:
                bytes.CopyTo(queue.GetMemory(length));
                queue.Advance(length);
                Add(model, bytes);
                break;
            case 4:
                int taken = queue.TryDequeue(bytes);
                Assert.Equal(Math.Min(length, model.Count), taken);
                Assert.Equal(Take(model, taken), bytes[..taken]);
                break;
            case 5:
                int consumed = Math.Min(length, model.Count);
                using (ReadView view = queue.Available())
                {
                    Assert.True(view.Span.SequenceEqual(model.ToArray()));
                }

                queue.Consume((nuint)consumed);
                Take(model, consumed);
                break;
            default:
                Assert.Equal(model.Count != 0, Begin(queue.WaitForDataAsync(new CancellationToken(canceled: model.Count == 0))));
                break;
        }
    }

    private static void Begin(ValueTask wait) => wait.GetAwaiter().GetResult();

    private static bool Begin(ValueTask<bool> wait) => wait.IsCompletedSuccessfully;

    private static void Add(Queue<byte> model, byte[] bytes) => Array.ForEach(bytes, model.Enqueue);

    private static byte[] Take(Queue<byte> model, int count) => [.. Enumerable.Range(0, count).Select(_ => model.Dequeue())];
}
