using System.IO.MemoryMappedFiles;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>Single numbers out of a warm file: 64 MiB of them in order, and 4,096 at places all over 1 GiB.</summary>
[BenchmarkCategory("Files")]
[WarmupCount(2)]
[IterationCount(9)]
public class FileValues
{
    private const int Part = 64 << 20;
    private const int Places = 4096;

    private readonly nuint[] _places = new nuint[Places];
    private Pages<ReadOnly> _pages = null!;
    private MemoryMappedFile _file = null!;
    private MemoryMappedViewAccessor _accessor = null!;
    private FileStream _stream = null!;

    [GlobalSetup]
    public void Setup()
    {
        BenchmarkFile.Warm();
        _pages = Pages.Map(BenchmarkFile.Path);
        _pages.Prefault();
        _file = MemoryMappedFile.CreateFromFile(BenchmarkFile.Path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _accessor = _file.CreateViewAccessor(0, Part, MemoryMappedFileAccess.Read);
        _stream = new FileStream(BenchmarkFile.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        uint state = 54321;
        foreach (ref nuint place in _places.AsSpan())
        {
            state = (state * 1664525) + 1013904223; // the upper bits are random enough
            place = (state >> 5) * sizeof(long);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages.Dispose();
        _accessor.Dispose();
        _file.Dispose();
        _stream.Dispose();
    }

    [Benchmark(Baseline = true)]
    public ulong PagesInOrder()
    {
        using ReadView view = _pages.Read(new PageRange(0, Part));
        return Sum.Of(view.Span);
    }

    [Benchmark]
    public long AccessorInOrder()
    {
        long sum = 0;
        for (long offset = 0; offset < Part; offset += sizeof(long))
        {
            sum += _accessor.ReadInt64(offset);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Places)]
    public long PagesAtRandom()
    {
        long sum = 0;
        using ReadView view = _pages.Read();
        ReadOnlySpan<long> numbers = view.Elements<long>();
        foreach (nuint place in _places)
        {
            sum += numbers[(int)(place / sizeof(long))];
        }

        return sum;
    }

    /// <summary>One number at a time, with a lease for each: the convenient way.</summary>
    [Benchmark(OperationsPerInvoke = Places)]
    public long PagesReadAtRandom()
    {
        long sum = 0;
        foreach (nuint place in _places)
        {
            sum += _pages.Read<long>(place);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Places)]
    public long StreamAtRandom()
    {
        long sum = 0;
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (nuint place in _places)
        {
            _stream.Seek((long)place, SeekOrigin.Begin);
            _stream.ReadExactly(number);
            sum += BitConverter.ToInt64(number);
        }

        return sum;
    }
}
