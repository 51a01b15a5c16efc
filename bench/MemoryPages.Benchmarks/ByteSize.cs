using System.Globalization;

namespace MemoryPages.Benchmarks;

/// <summary>A number of bytes that a table shows as people say it.</summary>
public readonly record struct ByteSize(nuint Bytes) : IComparable<ByteSize>, IComparable
{
    public static readonly ByteSize Page = new(4 << 10);
    public static readonly ByteSize SixteenPages = new(64 << 10);
    public static readonly ByteSize Mebibyte = new(1 << 20);

    /// <summary>Fifty million, deliberately not a multiple of a huge page: the library has to find alignment by itself.</summary>
    public static readonly ByteSize FiftyMegabytes = new(50_000_000);

    public static readonly ByteSize Gibibyte = new(1 << 30);

    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>BenchmarkDotNet sorts by it; else 1 GiB would come before 4 KiB.</summary>
    public int CompareTo(object? obj) => obj is ByteSize other ? CompareTo(other) : 1;

    public override string ToString() => Bytes switch
    {
        >= 1 << 30 when Bytes % (1 << 30) == 0 => Text(Bytes >> 30, "GiB"),
        >= 1 << 20 when Bytes % (1 << 20) == 0 => Text(Bytes >> 20, "MiB"),
        >= 1_000_000 when Bytes % 1_000_000 == 0 => Text(Bytes / 1_000_000, "MB"),
        >= 1 << 10 when Bytes % (1 << 10) == 0 => Text(Bytes >> 10, "KiB"),
        _ => Text(Bytes, "B"),
    };

    private static string Text(nuint count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}");
}
