using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Small memory had, one byte of each page written, and given back: page faults are in the measurement.</summary>
[BenchmarkCategory("Touching")]
public class Touching
{
    public static IEnumerable<ByteSize> Sizes => [ByteSize.Page, ByteSize.SixteenPages];

    [ParamsSource(nameof(Sizes))]
    public ByteSize Size { get; set; }

    [Benchmark(Baseline = true)]
    public unsafe void RawMmap()
    {
        byte* start = RawSystem.Map(Size.Bytes);
        Touch.EachPage(new Span<byte>(start, (int)Size.Bytes));
        RawSystem.Unmap(start, Size.Bytes);
    }

    [Benchmark]
    public void PagesAllocate()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Size.Bytes);
        using WriteView view = pages.Write();
        Touch.EachPage(view.Span);
    }

    /// <summary>All faults taken in one system call, before the allocation returns.</summary>
    [Benchmark]
    public void PagesAllocatePopulated()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Size.Bytes, new AllocationOptions { Populate = true });
        using WriteView view = pages.Write();
        Touch.EachPage(view.Span);
    }

    /// <summary>The allocator keeps such small blocks for the next request: the same pages, present since the first round.</summary>
    [Benchmark]
    public unsafe void NativeMemoryAlloc()
    {
        void* start = NativeMemory.Alloc(Size.Bytes);
        Touch.EachPage(new Span<byte>(start, (int)Size.Bytes));
        NativeMemory.Free(start);
    }

    [Benchmark]
    public byte[] NewArray()
    {
        var array = new byte[(int)Size.Bytes];
        Touch.EachPage(array);
        return array;
    }
}

/// <summary>The loop that all share.</summary>
internal static class Touch
{
    public static void EachPage(Span<byte> bytes)
    {
        int pageSize = Environment.SystemPageSize;
        for (int offset = 0; offset < bytes.Length; offset += pageSize)
        {
            bytes[offset] = 1;
        }
    }
}
