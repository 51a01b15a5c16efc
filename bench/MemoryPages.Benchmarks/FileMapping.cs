using System.IO.MemoryMappedFiles;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>A file mapped and unmapped, untouched: 64 MiB of it where nothing else is said.</summary>
[BenchmarkCategory("Files")]
public class FileMapping
{
    private const int Part = 64 << 20;

    private SafeFileHandle _file = null!;
    private byte[] _path = null!;

    [GlobalSetup]
    public void Setup()
    {
        _file = File.OpenHandle(BenchmarkFile.Path);
        _path = Encoding.UTF8.GetBytes(BenchmarkFile.Path + '\0');
    }

    [GlobalCleanup]
    public void Cleanup() => _file.Dispose();

    /// <summary>With the file's length asked for, as everyone must who does not want to die of a file that is shorter.</summary>
    [Benchmark(Baseline = true)]
    public unsafe void RawCalls()
    {
        int file = (int)_file.DangerousGetHandle();
        if (RawSystem.LengthOf(file) < Part)
        {
            throw new InvalidOperationException("The file is too short.");
        }

        byte* start = RawSystem.MapFile(file, Part);
        RawSystem.Unmap(start, Part);
    }

    /// <summary>The same by its path, in the system's own bytes: no marshalling.</summary>
    [Benchmark]
    public unsafe void RawCallsPath()
    {
        fixed (byte* path = _path)
        {
            int file = RawSystem.Open(path);
            if (RawSystem.LengthOf(file) < Part)
            {
                throw new InvalidOperationException("The file is too short.");
            }

            byte* start = RawSystem.MapFile(file, Part);
            RawSystem.Close(file);
            RawSystem.Unmap(start, Part);
        }
    }

    [Benchmark]
    public void PagesMap() => Pages.Map(_file, new() { Length = Part }).Dispose();

    /// <summary>By its path, as most programs do: opened too.</summary>
    [Benchmark]
    public void PagesMapPath() => Pages.Map(BenchmarkFile.Path, new() { Length = Part }).Dispose();

    /// <summary>To read and write, as the next.</summary>
    [Benchmark]
    public void PagesMapShared() => Pages.MapShared(BenchmarkFile.Path).Dispose();

    /// <summary>What comes first to the mind: it can be written, and is flushed when it ends.</summary>
    [Benchmark]
    public void MemoryMappedFileDefault()
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(BenchmarkFile.Path);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor();
    }

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
