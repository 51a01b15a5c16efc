using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>
/// The sum of 1 MiB of numbers: the same loop over each way of reaching them. Written out and never inlined, as in <see cref="Access"/>.
/// </summary>
[BenchmarkCategory("Lists")]
public class ListAccess
{
    private const int Count = (1 << 20) / sizeof(long);

    private readonly long[] _array = [.. Enumerable.Range(0, Count).Select(i => (long)i * 31)];
    private List<long> _frameworks = null!;
    private VirtualList<long> _list = null!;

    [GlobalSetup]
    public void Setup()
    {
        _frameworks = [.. _array];
        _list = [.. _array];
    }

    [GlobalCleanup]
    public void Cleanup() => _list.Dispose();

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long ArraySpan()
    {
        ReadOnlySpan<long> span = _array;
        long sum = 0;
        for (int i = 0; i < span.Length; i++)
        {
            sum += span[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long ViewSpan()
    {
        using ReadView view = _list.Read();
        ReadOnlySpan<long> span = view.Elements<long>();
        long sum = 0;
        for (int i = 0; i < span.Length; i++)
        {
            sum += span[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Indexer()
    {
        VirtualList<long> list = _list;
        long sum = 0;
        for (nint i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Foreach()
    {
        long sum = 0;
        foreach (long item in _list)
        {
            sum += item;
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long FrameworkIndexer()
    {
        List<long> list = _frameworks;
        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long FrameworkForeach()
    {
        long sum = 0;
        foreach (long item in _frameworks)
        {
            sum += item;
        }

        return sum;
    }
}
