using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Memory had and given back, never touched: what the owner, the lease word and the checks cost beside the two system calls.</summary>
[BenchmarkCategory("Allocation")]
public class Allocation
{
    public static IEnumerable<ByteSize> Sizes => [ByteSize.Page, ByteSize.SixteenPages, ByteSize.FiftyMegabytes, ByteSize.Gibibyte];

    [ParamsSource(nameof(Sizes))]
    public ByteSize Size { get; set; }

    [Benchmark(Baseline = true)]
    public unsafe void RawMmap()
    {
        byte* start = RawSystem.Map(Size.Bytes);
        RawSystem.Unmap(start, Size.Bytes);
    }

    [Benchmark]
    public void PagesAllocate()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Size.Bytes);
    }

    [Benchmark]
    public unsafe void NativeMemoryAlloc()
    {
        void* start = NativeMemory.Alloc(Size.Bytes);
        NativeMemory.Free(start);
    }

    [Benchmark]
    public unsafe void NativeMemoryAllocZeroed()
    {
        void* start = NativeMemory.AllocZeroed(Size.Bytes);
        NativeMemory.Free(start);
    }

    /// <summary>The collector frees it at a time of its own choosing: that share of its work is in the mean.</summary>
    [Benchmark]
    public byte[] NewArray() => new byte[(int)Size.Bytes];

    [Benchmark]
    public void MemoryMappedFileCreateNew()
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateNew(null, (long)Size.Bytes);
        using MemoryMappedViewAccessor accessor = file.CreateViewAccessor();
    }
}
