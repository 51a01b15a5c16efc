using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>A mapped file made 16 MiB longer and as short as it was again: the file's part of it, and the mapping's.</summary>
[BenchmarkCategory("FileGrowing")]
public class FileGrowing
{
    private readonly nuint _length = ByteSize.Mebibyte.Bytes;
    private readonly nuint _longer = 17 * ByteSize.Mebibyte.Bytes;
    private readonly string _path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
    private Pages<ReadWrite> _pages = null!;
    private SafeFileHandle _file = null!;
    private unsafe byte* _raw;

    [Params(FileSpace.Sparse, FileSpace.Allocated)]
    public FileSpace Space { get; set; }

    [GlobalSetup]
    public unsafe void Setup()
    {
        _pages = Pages.MapShared(_path, _length, new() { Space = Space });
        _file = File.OpenHandle(_path + ".raw", FileMode.Create, FileAccess.ReadWrite);
        RawSystem.SetLength(_file, _length);
        _raw = RawSystem.MapShared(_file, _length);
    }

    [GlobalCleanup]
    public unsafe void Cleanup()
    {
        RawSystem.Unmap(_raw, _length);
        _file.Dispose();
        _pages.Dispose();
        File.Delete(_path);
        File.Delete(_path + ".raw");
    }

    [Benchmark(Baseline = true)]
    public unsafe void RawTruncateAndRemap()
    {
        if (Space == FileSpace.Allocated)
        {
            RawSystem.AllocateSpace(_file, _length, _longer - _length);
        }
        else
        {
            RawSystem.SetLength(_file, _longer);
        }

        _raw = RawSystem.Remap(_raw, _length, _longer);
        _raw = RawSystem.Remap(_raw, _longer, _length);
        RawSystem.SetLength(_file, _length);
    }

    [Benchmark]
    public void PagesResize()
    {
        _pages.Resize(_longer);
        _pages.Resize(_length);
    }
}
