using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A million words read one after the other by one thread: what it costs to ask of each whether it is published.</summary>
[BenchmarkCategory("Lists")]
public class ConcurrentReading
{
    private const int Words = 1 << 20;
    private readonly ulong[] _array = new ulong[Words];
    private readonly ConcurrentVirtualList<ulong> _list = Filled();

    [GlobalCleanup]
    public void Cleanup() => _list.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Words)]
    public ulong ArrayByIndex()
    {
        ulong sum = 0;
        ulong[] array = _array;
        for (int i = 0; i < array.Length; i++)
        {
            sum += array[i];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Words)]
    public ulong ConcurrentListByIndex()
    {
        ulong sum = 0;
        ConcurrentVirtualList<ulong> list = _list;
        for (nint i = 0; i < Words; i++)
        {
            sum += list[i];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Words)]
    public ulong ConcurrentListTryGet()
    {
        ulong sum = 0;
        for (nint i = 0; _list.TryGet(i, out ulong word); i++)
        {
            sum += word;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Words)]
    public ulong ConcurrentListEnumerated()
    {
        ulong sum = 0;
        foreach (ulong word in _list)
        {
            sum += word;
        }

        return sum;
    }

    private static ConcurrentVirtualList<ulong> Filled()
    {
        var list = new ConcurrentVirtualList<ulong>();
        list.AddRange(new ulong[Words]);
        return list;
    }
}
