using MemoryPages.Tests.Reserved;

namespace MemoryPages.Tests.Virtual;

public sealed class ConcurrentListStressTests
{
    private const int Threads = 10;
    private const int PerThread = 100_000;

    public enum Way
    {
        OneByOne,
        Created,
        Batches,
        Mixed,
    }

    /// <summary>virtual-buffer's push_stress, with every index read back as soon as it is known.</summary>
    [Theory]
    [InlineData(Way.OneByOne)]
    [InlineData(Way.Created)]
    [InlineData(Way.Batches)]
    [InlineData(Way.Mixed)]
    public void Ten_threads_append_a_hundred_thousand_each_and_nothing_is_lost(Way way)
    {
        using var list = new ConcurrentVirtualList<long>();
        var owners = new int[Threads * PerThread];
        Worker[] workers = [.. Enumerable.Range(0, Threads).Select(number => new Worker(() => Append(list, owners, number, way)))];
        Array.ForEach(workers, worker => Assert.Equal(PerThread, worker.End()));

        const long All = Threads * PerThread;
        Assert.Equal((nint)All, list.Count);
        Assert.All(owners, count => Assert.Equal(1, count)); // each index was handed out once
        Assert.Equal(All * (All + 1) / 2, list.Sum());
        Assert.Equal(All, list.LongCount());
    }

    private static long Append(ConcurrentVirtualList<long> list, int[] owners, int number, Way way)
    {
        long next = ((long)number * PerThread) + 1;
        long end = next + PerThread;
        var batch = new long[100];
        for (int turn = 0; next < end; turn++)
        {
            int count = way == Way.Batches || (way == Way.Mixed && turn % 2 == 1) ? (int)Math.Min(1 + (turn * 7 % 100), end - next) : 1;
            for (int i = 0; i < count; i++)
            {
                batch[i] = next + i;
            }

            long value = next;
            nint index = count > 1 ? list.AddRange(batch.AsSpan(0, count)) : way == Way.Created ? list.Add(_ => value) : list.Add(value);
            for (int i = 0; i < count; i++)
            {
                Interlocked.Increment(ref owners[index + i]);
                if (!list.TryGet(index + i, out long item) || item != next + i || list[index + i] != item)
                {
                    throw new InvalidOperationException($"Index {index + i} does not hold {next + i}.");
                }
            }

            next += count;
        }

        return PerThread;
    }

    [Fact]
    public void Readers_beside_writers_see_whole_elements_only()
    {
        using var list = new ConcurrentVirtualList<Six>();
        bool ended = false;
        Worker[] writers = [.. Enumerable.Range(1, 4).Select(number => new Worker(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                long value = ((long)number << 32) + i + 1;
                _ = i % 3 == 0 ? list.AddRange([new Six(value), new Six(value)]) : list.Add(new Six(value));
            }

            return 0;
        }))];
        Worker[] readers = [.. Enumerable.Range(0, 2).Select(_ => new Worker(() =>
        {
            long seen = 0;
            for (bool last = false; !last;)
            {
                last = Volatile.Read(ref ended);
                seen = 0;
                foreach (Six item in list)
                {
                    seen++;
                    if (!item.IsWhole)
                    {
                        throw new InvalidOperationException($"Torn: {item}");
                    }
                }
            }

            return seen;
        }))];
        Array.ForEach(writers, writer => writer.End());
        Volatile.Write(ref ended, true);
        Array.ForEach(readers, reader => Assert.Equal(list.Count, reader.End()));
    }

    private readonly record struct Six(long A, long B, long C, long D, long E, long F)
    {
        public Six(long value)
            : this(value, value, value, value, value, value)
        {
        }

        public bool IsWhole => A != 0 && A == B && B == C && C == D && D == E && E == F;
    }
}
