using System.IO.MemoryMappedFiles;
using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>What it costs to hold memory while using it: a view, beside the leases that the framework has.</summary>
[BenchmarkCategory("Views")]
public class Views
{
    private static readonly PageRange s_range = new(100, 1000);
    private readonly Pages<ReadWrite> _pages = Pages.Allocate(ByteSize.SixteenPages.Bytes);
    private readonly SafeFileHandle _handle = File.OpenHandle("/dev/null");
    private readonly MemoryMappedFile _file = MemoryMappedFile.CreateNew(null, (long)ByteSize.SixteenPages.Bytes);
    private MemoryMappedViewAccessor _accessor = null!;

    [GlobalSetup]
    public void Setup()
    {
        _accessor = _file.CreateViewAccessor();
        _pages.Write(0, 42);
        _accessor.Write(0, 42);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _accessor.Dispose();
        _file.Dispose();
        _handle.Dispose();
        _pages.Dispose();
    }

    /// <summary>What a P/Invoke that is given a SafeHandle does around the call.</summary>
    [Benchmark(Baseline = true)]
    public nint SafeHandleLease()
    {
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            return _handle.DangerousGetHandle();
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    [Benchmark]
    public nuint WriteViewOfAll()
    {
        using WriteView view = _pages.Write();
        return view.Length;
    }

    [Benchmark]
    public nuint ReadViewOfAll()
    {
        using ReadView view = _pages.Read();
        return view.Length;
    }

    [Benchmark]
    public nuint WriteViewOfRange()
    {
        using WriteView view = _pages.Write(s_range);
        return view.Length;
    }

    /// <summary>The view and one element through its span: the whole of what a short use does.</summary>
    [Benchmark]
    public byte WriteViewAndOneByte()
    {
        using WriteView view = _pages.Write();
        return view.Span[1000];
    }

    [Benchmark]
    public unsafe byte MappedFilePointerLease()
    {
        byte* start = null;
        SafeMemoryMappedViewHandle handle = _accessor.SafeMemoryMappedViewHandle;
        handle.AcquirePointer(ref start);
        try
        {
            return start[1000];
        }
        finally
        {
            handle.ReleasePointer();
        }
    }

    [Benchmark]
    public int PagesReadValue() => _pages.Read<int>(0);

    [Benchmark]
    public int MappedFileReadValue() => _accessor.ReadInt32(0);
}
