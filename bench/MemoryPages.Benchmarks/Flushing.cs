#pragma warning disable MP1008 // the benchmark class owns the pages as long as the pointer

using System.IO.MemoryMappedFiles;
using BenchmarkDotNet.Attributes;
using MemoryPages.Unsafe;

namespace MemoryPages.Benchmarks;

/// <summary>One page of a file changed, and on the device when the call returns: the device's own time is nearly all of it.</summary>
[BenchmarkCategory("Flushing")]
public class Flushing
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
    private Pages<ReadWrite> _pages = null!;
    private MemoryMappedFile _file = null!;
    private MemoryMappedViewAccessor _accessor = null!;
    private unsafe byte* _raw;
    private byte _value;

    public static string? Obstacle() =>
        new DriveInfo(Path.GetTempPath()).DriveFormat is "tmpfs" or "ramfs" ? "the temporary folder is not on a device" : null;

    [GlobalSetup]
    public unsafe void Setup()
    {
        _pages = Pages.MapShared(_path, ByteSize.Mebibyte.Bytes);
        _pages.Flush(); // the length and the name, once
        _raw = _pages.DangerousPointer(); // the very same page for both
        _file = MemoryMappedFile.CreateFromFile(_path);
        _accessor = _file.CreateViewAccessor(0, (long)ByteSize.Page.Bytes);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _accessor.Dispose();
        _file.Dispose();
        _pages.Dispose();
        File.Delete(_path);
    }

    [Benchmark(Baseline = true)]
    public unsafe void RawMsync()
    {
        *_raw = ++_value;
        RawSystem.Flush(_raw, ByteSize.Page.Bytes);
    }

    [Benchmark]
    public void PagesFlush()
    {
        _pages.Write(0, ++_value);
        _pages.Flush(new PageRange(0, 1));
    }

    /// <summary>As far as the device, not beyond its cache, and without the file system's own records.</summary>
    [Benchmark]
    public void PagesFlushToSystem()
    {
        _pages.Write(0, ++_value);
        _pages.Flush(new PageRange(0, 1), FlushLevel.ToSystem);
    }

    [Benchmark]
    public void MappedFileFlush()
    {
        _accessor.Write(0, ++_value);
        _accessor.Flush();
    }
}
