#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested

using MemoryPages.Tests.Reserved;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Virtual;

public sealed unsafe class ConcurrentListEndTests
{
    [Fact]
    public void After_the_end_appends_are_refused_reads_find_nothing_and_the_memory_is_gone()
    {
        var list = new ConcurrentVirtualList<long>();
        list.AddRange([1, 2, 3]);
        nuint address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref list[0]);
        Assert.Contains("w", SystemMap.At(address)!.Access);
        list.Dispose();
        list.Dispose();

        Assert.DoesNotContain("w", SystemMap.At(address)?.Access ?? "");
        for (int i = 0; i < 3; i++)
        {
            Assert.Throws<ObjectDisposedException>(() => list.Add(1));
            Assert.Throws<ObjectDisposedException>(() => list.Add(_ => 1));
            Assert.Throws<ObjectDisposedException>(() => list.AddRange([1, 2]));
            Assert.Throws<ObjectDisposedException>(() => list.AddRange([]));
            Assert.Throws<ObjectDisposedException>(() => list.DangerousAdd(out nint _));
            Assert.Throws<ObjectDisposedException>(() => list.EnsureCapacity(1));
            Assert.Throws<ObjectDisposedException>(() => list.EnsureCapacity(0));
            Assert.Throws<ObjectDisposedException>(() => list.Reserve(1));
            Assert.Throws<ObjectDisposedException>(() => list.ReserveExact(1));
            Assert.Throws<ObjectDisposedException>(() => list.TryReserve(1));
            Assert.Throws<ObjectDisposedException>(() => list.TryReserveExact(1));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => list[0]);
        Assert.False(list.TryGet(0, out _));
        Assert.Equal((0, 0), (list.Count, list.Capacity));
        Assert.Empty(list);
    }

    /// <summary>The enumerator has asked once how far the elements are published, and must not rely on it any more.</summary>
    [Fact]
    public void An_enumeration_ends_with_the_list()
    {
        var list = new ConcurrentVirtualList<long>();
        list.AddRange(new long[100]);
        ConcurrentVirtualList<long>.Enumerator elements = list.GetEnumerator();
        Assert.True(elements.MoveNext() && elements.MoveNext());
        list.Dispose();
        Assert.False(elements.MoveNext());
    }

    [Fact]
    public void The_end_waits_for_an_append_under_way()
    {
        var list = new ConcurrentVirtualList<long>();
        list.Add(1);
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        bool made = false;
        var appending = new Worker(() => list.Add(_ =>
        {
            begun.Set();
            go.Wait();
            Volatile.Write(ref made, true);
            return 7;
        }));
        begun.Wait(TestContext.Current.CancellationToken);
        list.Add(2); // published behind it
        nuint address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref list[0]);
        var ending = new Worker(() =>
        {
            list.Dispose();
            return Volatile.Read(ref made) ? 1 : 0;
        });
        while (list.Count != 0)
        {
            Thread.Yield(); // the cut is made
        }

        Assert.Throws<ObjectDisposedException>(() => list.Add(3));
        Assert.Contains("w", SystemMap.At(address)!.Access);
        go.Set();
        Assert.Equal((1, 1), (appending.End(), ending.End()));
        Assert.DoesNotContain("w", SystemMap.At(address)?.Access ?? "");
    }

    [Fact]
    public void Appends_raced_by_the_end_return_an_index_or_are_refused()
    {
        int rounds = OperatingSystem.IsWindows() ? 100 : 1_000; // one takes a twentieth of a second under Wine
        for (int round = 0; round < rounds; round++)
        {
            var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = 1 << 28, NoHugePages = true });
            int begun = 0;
            Worker[] workers = [.. Enumerable.Range(0, 4).Select(number => new Worker(() => AppendUntilRefused(list, number % 2 == 0, ref begun)))];
            while (Volatile.Read(ref begun) == 0)
            {
                Thread.Yield();
            }

            list.Dispose();
            Assert.True(workers.Sum(worker => worker.End()) > 0);
        }
    }

    private static long AppendUntilRefused(ConcurrentVirtualList<long> list, bool batches, ref int begun)
    {
        nint last = -1;
        try
        {
            for (long appended = 1; ; appended++)
            {
                nint index = batches ? list.AddRange([1, 2, 3]) : list.Add(1);
                Assert.True(index > last);
                last = index;
                if (appended == 1)
                {
                    Interlocked.Increment(ref begun);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            return last + 1;
        }
    }

    [Fact]
    public void Growing_raced_by_the_end_grows_or_is_refused()
    {
        using var start = new Barrier(2);
        for (int round = 0; round < 2_000; round++)
        {
            var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = 1 << 20, NoHugePages = true });
            var growing = new Worker(() =>
            {
                start.SignalAndWait();
                try
                {
                    for (nint capacity = 1 << 10; capacity <= 1 << 20; capacity <<= 1)
                    {
                        Assert.True(list.EnsureCapacity(capacity) >= capacity);
                    }

                    return 1;
                }
                catch (ObjectDisposedException)
                {
                    return 0;
                }
            });
            start.SignalAndWait(TestContext.Current.CancellationToken);
            list.Dispose();
            Assert.InRange(growing.End(), 0, 1);
        }
    }
}
