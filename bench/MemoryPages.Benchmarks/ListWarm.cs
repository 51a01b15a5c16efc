using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Adding one by one where capacity and memory are there already: the price of Add itself.</summary>
[BenchmarkCategory("Lists")]
public class ListWarm
{
    private WarmLists<byte> _bytes = null!;
    private WarmLists<double> _doubles = null!;
    private WarmLists<FourLongs> _records = null!;

    [GlobalSetup]
    public void Setup() => (_bytes, _doubles, _records) = (new(1), new(1.5), new(default));

    [GlobalCleanup]
    public void Cleanup()
    {
        _bytes.End();
        _doubles.End();
        _records.End();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = WarmLists<byte>.Count)]
    public void FrameworkOf1Byte() => _bytes.AddToFrameworks();

    [Benchmark(OperationsPerInvoke = WarmLists<byte>.Count)]
    public void VirtualOf1Byte() => _bytes.AddToOurs();

    [Benchmark(OperationsPerInvoke = WarmLists<byte>.Count)]
    public void FrameworkOf8Bytes() => _doubles.AddToFrameworks();

    [Benchmark(OperationsPerInvoke = WarmLists<byte>.Count)]
    public void VirtualOf8Bytes() => _doubles.AddToOurs();

    [Benchmark(OperationsPerInvoke = WarmLists<byte>.Count)]
    public void FrameworkOf32Bytes() => _records.AddToFrameworks();

    [Benchmark(OperationsPerInvoke = WarmLists<byte>.Count)]
    public void VirtualOf32Bytes() => _records.AddToOurs();
}

/// <summary>Thirty-two bytes.</summary>
internal readonly record struct FourLongs(long A, long B, long C, long D);

/// <summary>The framework's list and ours, both with the capacity that they need and all of it touched.</summary>
internal sealed class WarmLists<T>
    where T : unmanaged
{
    public const int Count = 16 << 10;

    private readonly List<T> _frameworks = new(Count);
    private readonly VirtualList<T> _ours = [];
    private readonly T _item;

    public WarmLists(T item)
    {
        _item = item;
        AddToFrameworks();
        AddToOurs();
    }

    public void End() => _ours.Dispose();

    /// <summary>Never inlined, nor is the other: into whatever calls it, a loop would be aligned by chance.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AddToFrameworks()
    {
        List<T> list = _frameworks;
        T item = _item;
        list.Clear();
        for (int i = 0; i < Count; i++)
        {
            list.Add(item);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AddToOurs()
    {
        VirtualList<T> list = _ours;
        T item = _item;
        list.Clear();
        for (int i = 0; i < Count; i++)
        {
            list.Add(item);
        }
    }
}
