using System.Diagnostics;

namespace MemoryPages.Tests.Reserved;

/// <summary>A producer and a consumer at once, and whoever ends the queue under them. Every run is bounded by the clock.</summary>
public sealed class ByteQueueThreadTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Records of any length, each with its length in front and bytes that only its place in the order explains.</summary>
    [Theory]
    [InlineData(RecordWay.Copies, 1)]
    [InlineData(RecordWay.Views, 1)]
    [InlineData(RecordWay.Spans, 1)]
    [InlineData(RecordWay.Copies, 3)]
    [InlineData(RecordWay.Views, 64)]
    public void Every_record_arrives_whole_and_in_order(RecordWay way, int pages)
    {
        using var queue = ByteQueue.Create((nuint)pages * PageSize.AllocationGranularity);
        var producer = new Worker(() => Records.Produce(queue, way, s_short));
        long consumed = new Worker(() => Records.Consume(queue, way)).End();
        Assert.Equal(producer.End(), consumed);
        Assert.InRange(consumed, Records.Least, long.MaxValue);
        Assert.Equal(0u, queue.Count);
        Assert.Equal(0, queue.LeaseCount);
    }

    /// <summary>Both sleep whenever there is nothing to do, in a queue so small that they mostly do: a wake-up that is lost is a wait that never ends.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_wake_up_is_lost(bool cancelled)
    {
        const int Total = 16 << 20;
        var queue = ByteQueue.Create(PageSize.AllocationGranularity);
        Task<ulong> producer = Task.Run(() => ProduceAsync(queue, Total));
        Task<ulong> consumer = Task.Run(() => ConsumeAsync(queue, cancelled));
        ulong[] sums = await Task.WhenAll(producer, consumer).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal(sums[0], sums[1]);
        queue.Dispose();
    }

    /// <summary>Copies are long, so that most disposals fall into one: into memory that is gone the process would die.</summary>
    [Fact]
    public void Disposing_under_both_sides_ends_them_with_an_exception()
    {
        const int Length = 1 << 18;
        var clock = Stopwatch.StartNew();
        int interrupted = 0;
        for (int round = 0; round < 1000 && clock.Elapsed < 3 * s_short; round++)
        {
            var queue = ByteQueue.Create(2 * Length);
            int operations = 0;
            byte[] taken = new byte[Length];
            byte[] given = new byte[Length];
            var producer = new Worker(() => UntilRefused(() => queue.TryEnqueue(given), ref operations));
            var consumer = new Worker(() => UntilRefused(() => queue.TryDequeue(taken), ref operations));
            while (Volatile.Read(ref operations) < 4 + (round % 7))
            {
                Thread.SpinWait(10);
            }

            interrupted += queue.Count % Length == 0 ? 0 : 1;
            queue.Dispose();
            producer.End();
            consumer.End();
            Assert.Equal(0, queue.LeaseCount);
        }

        Assert.Equal(0, interrupted); // whole records only, whenever one looks
    }

    [Fact]
    public void Disposing_waits_for_no_view()
    {
        var queue = ByteQueue.Create(1, "queue-of-slow-reader");
        queue.TryEnqueue([5]);
        using var isOpen = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var consumer = new Worker(() =>
        {
            using ReadView view = queue.Available();
            isOpen.Set();
            mayEnd.Wait(s_patience);
            return view[0];
        });
        Assert.True(isOpen.Wait(s_patience, TestContext.Current.CancellationToken));
        queue.Dispose();
        Assert.Equal(2, Ring.MappingsNamed("queue-of-slow-reader").Count);
        mayEnd.Set();
        Assert.Equal(5, consumer.End());
        Ring.AssertNothingLeft("queue-of-slow-reader");
    }

    /// <summary>What nobody should do. Bytes are mixed up then, and some calls refused; what is outside stays as it was, and disposing ends.</summary>
    [Fact]
    public void Two_threads_on_each_side_stay_inside_the_queue()
    {
        var queue = ByteQueue.Create(PageSize.AllocationGranularity);
        var clock = Stopwatch.StartNew();
        Worker[] threads =
        [
            .. Enumerable.Range(0, 2).Select(_ => new Worker(() => Misuse(() => queue.TryEnqueue(new byte[1500])))),
            .. Enumerable.Range(0, 2).Select(_ => new Worker(() => Misuse(() => queue.TryDequeue(new byte[1700])))),
        ];
        Array.ForEach(threads, thread => thread.End());
        Assert.InRange(queue.Count, 0u, queue.Capacity);
        queue.Dispose();

        long Misuse(Action use)
        {
            while (clock.Elapsed < s_short)
            {
                try
                {
                    use();
                }
                catch (InvalidOperationException)
                {
                    // told
                }
            }

            return 0;
        }
    }

    private static async Task<ulong> ProduceAsync(ByteQueue queue, int total)
    {
        var noise = new Noise(5);
        byte[] record = new byte[PageSize.AllocationGranularity];
        ulong sum = 0;
        for (int done = 0; done < total;)
        {
            int length = 1 + noise.Next(record.Length);
            noise.Fill(record.AsSpan(0, length));
            await queue.WaitForSpaceAsync((nuint)length, TestContext.Current.CancellationToken);
            Assert.True(queue.TryEnqueue(record.AsSpan(0, length)));
            sum = Checksum(sum, record.AsSpan(0, length));
            done += length;
        }

        queue.Complete();
        return sum;
    }

    private static async Task<ulong> ConsumeAsync(ByteQueue queue, bool cancelled)
    {
        ulong sum = 0;
        int waits = 0;
        while (true)
        {
            using var source = new CancellationTokenSource();
            Task? cancelling = cancelled && waits++ % 3 == 0 ? Task.Run(source.Cancel) : null;
            try
            {
                if (!await queue.WaitForDataAsync(source.Token))
                {
                    Assert.Equal(0u, queue.Count);
                    return sum;
                }

                sum = TakeAll(queue, sum);
            }
            catch (OperationCanceledException told)
            {
                Assert.True(cancelled);
                Assert.Equal(source.Token, told.CancellationToken);
            }

            await (cancelling ?? Task.CompletedTask);
        }
    }

    private static ulong TakeAll(ByteQueue queue, ulong sum)
    {
        using ReadView available = queue.Available();
        Assert.NotEqual(0u, available.Length); // what a wait promises
        sum = Checksum(sum, available.Span);
        queue.Consume(available.Length);
        return sum;
    }

    private static ulong Checksum(ulong sum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            sum = ((sum ^ b) * 0x100000001B3) + 1;
        }

        return sum;
    }

    private static long UntilRefused(Action use, ref int operations)
    {
        while (true)
        {
            try
            {
                use();
                Interlocked.Increment(ref operations);
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }
    }
}
