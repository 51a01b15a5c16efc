using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>The life of a list: made empty, given a hundred million numbers one by one, and given back.</summary>
/// <remarks>Some tenths of a second each, so that a handful is enough.</remarks>
[BenchmarkCategory("Lists")]
[WarmupCount(1)]
[IterationCount(5)]
[InvocationCount(1, unrollFactor: 1)]
public class ListGrowing
{
    public const int Many = 100_000_000;

    [Params(Many)]
    public int Count { get; set; } = Many;

    [Benchmark(Baseline = true)]
    public double FrameworkList() => Fill(new List<double>(), Count);

    [Benchmark]
    public double FrameworkListPresized() => Fill(new List<double>(Count), Count);

    [Benchmark]
    public double VirtualList() => Fill(default(ListOptions), Count);

    [Benchmark]
    public double VirtualListOnSmallPages() => Fill(new ListOptions { NoHugePages = true }, Count);

    /// <summary>What a program does that knows the count: one mapping, no growing, no checks.</summary>
    [Benchmark]
    public unsafe double RawMmap()
    {
        nuint length = (nuint)Count * sizeof(double);
        double* items = (double*)RawSystem.Map(length);
        for (int i = 0; i < Count; i++)
        {
            items[i] = i;
        }

        double last = items[Count - 1];
        RawSystem.Unmap((byte*)items, length);
        return last;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static double Fill(List<double> list, int count)
    {
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        return list[count - 1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static double Fill(in ListOptions options, int count)
    {
        using var list = new VirtualList<double>(options);
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        return list[count - 1];
    }
}
