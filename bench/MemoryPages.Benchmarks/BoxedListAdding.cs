using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A list of 1,000 numbers, made, filled without a hint of its length, and dropped. Times are for one number.</summary>
[BenchmarkCategory("BoxedLists")]
public class BoxedListAdding
{
    private const int Count = 1000;

    private ArenaAllocator _arena = null!;

    [GlobalSetup]
    public void Setup() => _arena = new ArenaAllocator();

    [GlobalCleanup]
    public void Cleanup() => _arena.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int FrameworkList()
    {
        var list = new List<int>();
        for (int i = 0; i < Count; i++)
        {
            list.Add(i);
        }

        return list.Count;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public nuint OnTheHeap()
    {
        using BoxedList<int, NativeAllocator> list = BoxedList.New<int>(0);
        for (int i = 0; i < Count; i++)
        {
            list.Add(i);
        }

        return list.Count;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public nuint InAnArena()
    {
        using BoxedList<int, ArenaAllocator> list = BoxedList.New<int, ArenaAllocator>(0, _arena);
        for (int i = 0; i < Count; i++)
        {
            list.Add(i);
        }

        return list.Count;
    }
}
