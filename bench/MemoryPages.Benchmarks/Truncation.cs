using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>
/// What it costs to be safe from a file that shrinks while it does not: the same loop over the same file's pages, with the option and without.
/// </summary>
[BenchmarkCategory("Truncation")]
public class SurvivingScan
{
    private WarmFile _file = null!;
    private Pages<ReadOnly> _plain = null!;
    private Pages<ReadOnly> _surviving = null!;

    [GlobalSetup]
    public void Setup()
    {
        _file = new WarmFile(64 * (int)ByteSize.Mebibyte.Bytes);
        _plain = Pages.Map(_file.Path, new() { Populate = true });
        _surviving = Pages.Map(_file.Path, new() { Populate = true, SurviveTruncation = true });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _plain.Dispose();
        _surviving.Dispose();
        _file.Dispose();
    }

    [Benchmark(Baseline = true)]
    public ulong Plain() => Sum(_plain);

    [Benchmark]
    public ulong Surviving() => Sum(_surviving);

    /// <summary>One loop for both: that the machine code is the same is part of the claim.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Sum(Pages<ReadOnly> pages)
    {
        using ReadView view = pages.Read();
        ulong sum = 0;
        foreach (ulong value in view.Elements<ulong>())
        {
            sum += value;
        }

        return sum;
    }
}

/// <summary>4 KiB out of a warm file's pages: the copies that report, beside the one that dies and beside the calls that others would make.</summary>
[BenchmarkCategory("Truncation")]
public class FaultSafeCopies
{
    private Pages<ReadWrite> _target = null!;
    private WarmFile _file = null!;
    private SafeFileHandle _handle = null!;
    private Pages<ReadOnly> _plain = null!;
    private Pages<ReadOnly> _surviving = null!;
    private unsafe byte* _raw;
    private unsafe byte* _buffer;

    private unsafe Span<byte> Buffer => new(_buffer, (int)ByteSize.Page.Bytes);

    [GlobalSetup]
    public unsafe void Setup()
    {
        // Half a page off: where target and source have nearly the same place in their pages, processors take stores for what the next loads
        // wait for.
        _target = Pages.Allocate(2 * ByteSize.Page.Bytes, new() { Populate = true });
#pragma warning disable MP1008 // kept as long as the pages are
        _buffer = _target.DangerousPointer(ByteSize.Page.Bytes / 2);
        _file = new WarmFile((int)ByteSize.Mebibyte.Bytes);
        _handle = File.OpenHandle(_file.Path);
        _plain = Pages.Map(_file.Path, new() { Populate = true });
        _surviving = Pages.Map(_file.Path, new() { Populate = true, SurviveTruncation = true });
        _raw = _plain.DangerousPointer();
#pragma warning restore MP1008
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _plain.Dispose();
        _surviving.Dispose();
        _handle.Dispose();
        _target.Dispose();
        _file.Dispose();
    }

    /// <summary>Ends the process where the file is cut off.</summary>
    [Benchmark]
    public void CopyTo() => _plain.CopyTo(0, Buffer);

    [Benchmark]
    public bool TryCopyTo() => _plain.TryCopyTo(0, Buffer, out _);

    [Benchmark]
    public bool TryCopyToSurviving() => _surviving.TryCopyTo(0, Buffer, out _);

    [Benchmark]
    public bool TryReadValue() => _plain.TryRead(0, out long _);

    [Benchmark(Baseline = true)]
    public unsafe nint RawProcessVmReadv() => RawSystem.CopySafely(_raw, _buffer, ByteSize.Page.Bytes);

    /// <summary>pread(2): needs the file open, and tells what is in the file, not what is in the pages.</summary>
    [Benchmark]
    public int RandomAccessRead() => RandomAccess.Read(_handle, Buffer, 0);

    [Benchmark]
    public nuint Probe() => _plain.Probe(new PageRange(0, ByteSize.Page.Bytes)).Length;
}

/// <summary>A file whose content is in memory, gone afterwards.</summary>
internal sealed class WarmFile : IDisposable
{
    public WarmFile(int length)
    {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++)
        {
            content[i] = (byte)(i * 31);
        }

        File.WriteAllBytes(Path, content);
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "memorypages-" + System.IO.Path.GetRandomFileName());

    public void Dispose() => File.Delete(Path);
}
