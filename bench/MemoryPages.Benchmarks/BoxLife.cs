using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>64 bytes made, set and freed: a box, and the heap's two calls by hand.</summary>
[BenchmarkCategory("Boxes")]
public unsafe class BoxLife
{
    private static readonly CountingAllocator<NativeAllocator> s_counting = new();
    private static readonly PoolAllocator s_pool = new();

    [Benchmark(Baseline = true)]
    public void NativeMemoryAllocFree()
    {
        var value = (CacheLine*)NativeMemory.Alloc((nuint)sizeof(CacheLine));
        *value = default;
        NativeMemory.Free(value);
    }

    [Benchmark]
    public void NewDispose()
    {
        Box<CacheLine> box = Box.New(default(CacheLine));
        box.Dispose();
    }

    /// <summary>In a finally block the JIT calls the system through a stub, whoever does it.</summary>
    [Benchmark]
    public void NativeMemoryInTryFinally()
    {
        CacheLine* value = null;
        try
        {
            value = (CacheLine*)NativeMemory.Alloc((nuint)sizeof(CacheLine));
            *value = default;
        }
        finally
        {
            NativeMemory.Free(value);
        }
    }

    [Benchmark]
    public void NewInUsing()
    {
        using Box<CacheLine> box = Box.New(default(CacheLine));
    }

    [Benchmark]
    public void NewInUsingWithCleanup()
    {
        using Box<Cleaned> box = Box.New(default(Cleaned));
    }

    /// <summary>A class that lends no handle: each box makes one.</summary>
    [Benchmark]
    public void NewInUsingFromClass()
    {
        using Box<CacheLine, CountingAllocator<NativeAllocator>> box = Box.New(default(CacheLine), s_counting);
    }

    /// <summary>A class that lends its handle.</summary>
    [Benchmark]
    public void NewInUsingFromPool()
    {
        using Box<CacheLine, PoolAllocator> box = Box.New(default(CacheLine), s_pool);
    }

    [InlineArray(64)]
    internal struct CacheLine
    {
        private byte _first;
    }

    private struct Cleaned : IDisposable
    {
        private CacheLine _content;

        public void Dispose() => _content[0] = 1;
    }
}
