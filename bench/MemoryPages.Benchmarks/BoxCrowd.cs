using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>10,000 values of 64 bytes made, all live, then freed. Times are for one.</summary>
[BenchmarkCategory("Boxes")]
public unsafe class BoxCrowd
{
    private const int Count = 10_000;
    private readonly Box<BoxLife.CacheLine>[] _boxes = new Box<BoxLife.CacheLine>[Count];
    private readonly nint[] _pointers = new nint[Count];

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void NativeMemoryAllocFree()
    {
        for (int i = 0; i < Count; i++)
        {
            var value = (BoxLife.CacheLine*)NativeMemory.Alloc((nuint)sizeof(BoxLife.CacheLine));
            *value = default;
            _pointers[i] = (nint)value;
        }

        for (int i = 0; i < Count; i++)
        {
            NativeMemory.Free((void*)_pointers[i]);
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void NewDispose()
    {
        for (int i = 0; i < Count; i++)
        {
            _boxes[i] = Box.New(default(BoxLife.CacheLine));
        }

        for (int i = 0; i < Count; i++)
        {
            _boxes[i].Dispose();
        }
    }
}
