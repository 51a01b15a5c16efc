using System.Runtime.CompilerServices;
using MemoryPages.Tests.Reserved;

namespace MemoryPages.Tests.Virtual;

/// <summary>Many threads at the edge of capacity: what virtual-buffer loses there (VB3, VB7).</summary>
public sealed class ConcurrentListGrowthTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(3000)]
    public void The_maximum_is_reached_exactly_and_the_rest_are_refused(int maximum)
    {
        for (int round = 0; round < 20; round++)
        {
            using var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = maximum });
            Worker[] workers = [.. Enumerable.Range(0, 6).Select(_ => new Worker(() => Fill(list)))];
            Assert.Equal(maximum, workers.Sum(worker => worker.End()));
            Assert.Equal((maximum, maximum), (list.Count, list.Capacity));
            Assert.Equal(Enumerable.Range(0, maximum).Select(i => i + 1L), list);
            Assert.Throws<InvalidOperationException>(() => list.Add(0));
            Assert.Throws<InvalidOperationException>(() => list.AddRange([0, 0]));
            Assert.Equal(maximum, list.Count);
        }
    }

    private static long Fill(ConcurrentVirtualList<long> list)
    {
        for (long appended = 0; ; appended++)
        {
            try
            {
                nint index = list.Add(at => at + 1);
                Assert.True(list.TryGet(index, out long item) && item == index + 1);
            }
            catch (InvalidOperationException)
            {
                return appended;
            }
        }
    }

    /// <summary>Two batches that do not both fit, checked at once: the one refused must not use up the room that is left.</summary>
    [Fact]
    public void A_batch_refused_at_the_maximum_uses_up_nothing()
    {
        ConcurrentVirtualList<byte>[] lists = [.. Enumerable.Range(0, 5_000)
            .Select(_ => new ConcurrentVirtualList<byte>(new() { MaximumCapacity = 4096, InitialCapacity = 4096, NoHugePages = true }))];
        int arrived = 0;
        Worker[] workers = [.. Enumerable.Range(0, 2).Select(_ => new Worker(() =>
        {
            var batch = new byte[3000];
            long taken = 0;
            for (int i = 0; i < lists.Length; i++)
            {
                Interlocked.Increment(ref arrived);
                for (int turn = 1; Volatile.Read(ref arrived) < 2 * (i + 1); turn++)
                {
                    if (turn % 10_000 == 0)
                    {
                        Thread.Yield(); // on one processor the other could not come
                    }
                }

                taken += TryBatch(lists[i], batch);
            }

            return taken;
        }))];
        Assert.Equal(lists.Length, workers.Sum(worker => worker.End()));
        Assert.Equal([], lists.Where(list => list.Count != 3000).Select(list => list.Count)); // before anything waits for what is lost
        Assert.All(lists, list => Assert.Equal(3000, list.Add(1)));
        Array.ForEach(lists, list => list.Dispose());
    }

    private static long TryBatch(ConcurrentVirtualList<byte> list, byte[] batch)
    {
        try
        {
            list.AddRange(batch);
            return 1;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    [Fact]
    public void Elements_of_every_size_survive_growth_under_contention()
    {
        foreach (GrowthStrategy growth in (GrowthStrategy[])[GrowthStrategy.Doubling, GrowthStrategy.Linear(1)])
        {
            Contend<Filled1>(growth, 20_000);
            Contend<Filled8>(growth, 20_000);
            Contend<Filled48>(growth, 20_000);
            Contend<Filled8192>(growth, 4_000);
        }
    }

    private static unsafe void Contend<T>(GrowthStrategy growth, int perThread)
        where T : unmanaged
    {
        using var list = new ConcurrentVirtualList<T>(new() { Growth = growth, NoHugePages = true });
        Worker[] workers = [.. Enumerable.Range(1, 4).Select(number => new Worker(() =>
        {
            T item = default;
            new Span<byte>(&item, sizeof(T)).Fill((byte)number);
            for (int i = 0; i < perThread; i++)
            {
                nint index = list.Add(item);
                if (!list.TryGet(index, out T read) || new Span<byte>(&read, sizeof(T)).IndexOfAnyExcept((byte)number) >= 0)
                {
                    throw new InvalidOperationException($"{typeof(T).Name} {index} is not there.");
                }
            }

            return 0;
        }))];
        Array.ForEach(workers, worker => worker.End());
        Assert.Equal(4 * perThread, list.Count);
        Assert.True(list.Capacity >= list.Count);
        var owners = new int[5];
        foreach (T item in list)
        {
            owners[*(byte*)&item]++;
        }

        Assert.Equal([0, perThread, perThread, perThread, perThread], owners);
    }

    /// <summary>virtual-buffer's came back short in 53 of 3,000.</summary>
    [Fact]
    public void Capacity_never_comes_back_short_beside_appends()
    {
        using var start = new Barrier(2);
        ConcurrentVirtualList<long>[] lists = [.. Enumerable.Range(0, 3_000)
            .Select(_ => new ConcurrentVirtualList<long>(new() { MaximumCapacity = 20_000, NoHugePages = true }))];
        var appending = new Worker(() =>
        {
            foreach (ConcurrentVirtualList<long> list in lists)
            {
                start.SignalAndWait();
                for (int i = 0; i < 300; i++)
                {
                    list.Add(i);
                }
            }

            return 0;
        });
        var reserving = new Worker(() =>
        {
            long tooShort = 0;
            foreach (ConcurrentVirtualList<long> list in lists)
            {
                start.SignalAndWait();
                nint count = list.Count;
                list.Reserve(2_000);
                tooShort += list.Capacity < count + 2_000 ? 1 : 0;
                tooShort += list.EnsureCapacity(5_000) < 5_000 ? 1 : 0;
            }

            return tooShort;
        });
        Assert.Equal(0, reserving.End() + appending.End());
        Assert.All(lists, list => Assert.Equal(300 * 299 / 2, list.Sum()));
        Array.ForEach(lists, list => list.Dispose());
    }

    [InlineArray(1)]
    private struct Filled1
    {
        private byte _first;
    }

    [InlineArray(8)]
    private struct Filled8
    {
        private byte _first;
    }

    [InlineArray(48)]
    private struct Filled48
    {
        private byte _first;
    }

    [InlineArray(8192)]
    private struct Filled8192
    {
        private byte _first;
    }
}
