using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>50 MB had, each page written, given back: where huge pages tell. Some milliseconds each, so that a few calls make an iteration.</summary>
[BenchmarkCategory("Touching")]
[InvocationCount(4, unrollFactor: 1)]
public class HugeTouching
{
    private HugePagePool? _pool;

    public static IEnumerable<ByteSize> Sizes => [ByteSize.FiftyMegabytes];

    [ParamsSource(nameof(Sizes))]
    public ByteSize Size { get; set; }

    [GlobalSetup(Target = nameof(PagesExplicitHuge))]
    public void FillPool() => _pool = HugePagePool.TryRaise(Size.Bytes);

    [GlobalCleanup(Target = nameof(PagesExplicitHuge))]
    public void DrainPool() => _pool?.Dispose();

    [Benchmark(Baseline = true)]
    public unsafe void RawMmap()
    {
        byte* start = RawSystem.Map(Size.Bytes);
        Touch.EachPage(new Span<byte>(start, (int)Size.Bytes));
        RawSystem.Unmap(start, Size.Bytes);
    }

    [Benchmark]
    public void PagesAllocate() => AllocateAndTouch(HugePages.None);

    [Benchmark]
    public void PagesTransparentHuge() => AllocateAndTouch(HugePages.Transparent);

    [Benchmark]
    public void PagesExplicitHuge() => AllocateAndTouch(HugePages.Explicit());

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

    [Benchmark]
    public unsafe void MemoryMappedFileCreateNew()
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateNew(null, (long)Size.Bytes);
        using MemoryMappedViewAccessor accessor = file.CreateViewAccessor();
        byte* start = null;
        accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Touch.EachPage(new Span<byte>(start, (int)Size.Bytes));
        accessor.SafeMemoryMappedViewHandle.ReleasePointer();
    }

    private void AllocateAndTouch(HugePages hugePages)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Size.Bytes, new AllocationOptions { HugePages = hugePages });
        using WriteView view = pages.Write();
        Touch.EachPage(view.Span);
    }
}
