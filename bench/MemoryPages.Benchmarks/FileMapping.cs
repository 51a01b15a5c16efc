using System.IO.MemoryMappedFiles;
using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>64 MiB of an open file mapped and unmapped, untouched.</summary>
[BenchmarkCategory("Files")]
public class FileMapping
{
    private const int Part = 64 << 20;

    private SafeFileHandle _file = null!;

    [GlobalSetup]
    public void Setup() => _file = File.OpenHandle(BenchmarkFile.Path);

    [GlobalCleanup]
    public void Cleanup() => _file.Dispose();

    /// <summary>With the file's length asked for, as everyone must who does not want to die of a file that is shorter.</summary>
    [Benchmark(Baseline = true)]
    public unsafe void RawCalls()
    {
        if (RawSystem.LengthOf(_file) < Part)
        {
            throw new InvalidOperationException("The file is too short.");
        }

        byte* start = RawSystem.MapFile(_file, Part);
        RawSystem.Unmap(start, Part);
    }

    [Benchmark]
    public void PagesMap() => Pages.Map(_file, new() { Length = Part }).Dispose();

    /// <summary>By its path, as most programs do: opened too.</summary>
    [Benchmark]
    public void PagesMapPath() => Pages.Map(BenchmarkFile.Path, new() { Length = Part }).Dispose();

    [Benchmark]
    public void MemoryMappedFilePath()
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(BenchmarkFile.Path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor(0, Part, MemoryMappedFileAccess.Read);
    }

    [Benchmark]
    public void MemoryMappedFileHandle()
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor(0, Part, MemoryMappedFileAccess.Read);
    }
}
