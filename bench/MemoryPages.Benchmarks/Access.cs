using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>The sum of all bytes, one by one: the same loop written over each way of reaching them.</summary>
/// <remarks>
/// Written out in each method and not shared: whether the JIT sees a span's length and start as plain values where they come from a view is what
/// is measured. Never inlined: into whatever calls it, a loop would be aligned by chance, which alone makes ten per cent.
/// </remarks>
[BenchmarkCategory("Access")]
public class Access
{
    private Pages<ReadWrite> _pages = null!;
    private byte[] _array = null!;

    public static IEnumerable<ByteSize> Sizes => [ByteSize.SixteenPages, ByteSize.Mebibyte];

    [ParamsSource(nameof(Sizes))]
    public ByteSize Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _array = new byte[(int)Size.Bytes];
        for (int i = 0; i < _array.Length; i++)
        {
            _array[i] = (byte)(i * 31);
        }

        _pages = Pages.Allocate(Size.Bytes);
        _pages.CopyFrom(0, _array);
    }

    [GlobalCleanup]
    public void Cleanup() => _pages.Dispose();

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint ArraySpan()
    {
        Span<byte> span = _array;
        uint sum = 0;
        for (int i = 0; i < span.Length; i++)
        {
            sum += span[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint ViewSpan()
    {
        using WriteView view = _pages.Write();
        Span<byte> span = view.Span;
        uint sum = 0;
        for (int i = 0; i < span.Length; i++)
        {
            sum += span[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint ViewIndexer()
    {
        using WriteView view = _pages.Write();
        uint sum = 0;
        for (nuint i = 0; i < view.Length; i++)
        {
            sum += view[i];
        }

        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public unsafe uint RawPointer()
    {
        fixed (byte* start = _array)
        {
            uint sum = 0;
            nuint length = Size.Bytes;
            for (nuint i = 0; i < length; i++)
            {
                sum += start[i];
            }

            return sum;
        }
    }
}
