using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Free = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Tests.Reserved;

/// <summary>Three bytes: no page is a multiple of it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct Three(byte A, byte B, byte C);

internal readonly record struct TwentyFour(long A, long B, long C);

[InlineArray(6)]
internal struct FortyEight
{
    private long _first;
}

/// <summary>Larger than the usual page, and no multiple of one. (The runtime passes no 64 KiB by value.)</summary>
[InlineArray(9001)]
internal struct Large
{
    private byte _first;
}

/// <summary>A length that no call of the runtime has. (The runtime passes no 64 KiB by value.)</summary>
[InlineArray(13 * 4096)]
internal struct ThirteenPages
{
    private byte _first;
}

/// <summary>Sees a list as addresses, and as the kernel sees it.</summary>
internal static unsafe class VirtualListWitness
{
    public static nuint AddressOf<T>(VirtualList<T> list)
        where T : unmanaged => (nuint)Free.AsPointer(ref list[0]);

    public static nuint AddressOf(in WriteView view) => (nuint)Free.AsPointer(ref view[0]);

    public static VirtualList<int> Numbers(int count, in ListOptions options = default)
    {
        var list = new VirtualList<int>(options);
        list.AddRange(Enumerable.Range(0, count).ToArray());
        return list;
    }

    public static void AssertHolds<T>(VirtualList<T> list, params IEnumerable<T> expected)
        where T : unmanaged
    {
        T[] wanted = [.. expected];
        Assert.Equal((nint)wanted.Length, list.Count);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.Equal(wanted[i], list[i]);
        }
    }

    /// <summary>Bytes of the range that are in memory, by the page tables.</summary>
    public static nuint Resident(nuint address, nuint length) =>
        (nuint)SystemMap.Present(address, length).Count(present => present) * PageSize.Base;

    /// <summary>Bytes of the range that the kernel lets be written.</summary>
    public static nuint Writable(nuint address, nuint length) => (nuint)SystemMap.Between(address, address + length)
        .Where(region => region.Access.StartsWith("rw", StringComparison.Ordinal))
        .Sum(region => (decimal)(Math.Min(region.End, address + length) - Math.Max(region.Start, address)));

    /// <summary>
    /// Bytes of the range that are charged against the machine's limit of committed memory, whether touched or not: VM_ACCOUNT, proc(5).
    /// </summary>
    public static nuint Charged(nuint address, nuint length) => (nuint)SystemMap.Between(address, address + length)
        .Where(region => region.IsCharged)
        .Sum(region => (decimal)(Math.Min(region.End, address + length) - Math.Max(region.Start, address)));

    /// <summary>Runs code with spans that hold so few elements.</summary>
    public static void WithSpans<T>(nint limit, Action code)
        where T : unmanaged
    {
        nint before = VirtualList<T>.SpanLimit;
        VirtualList<T>.SpanLimit = limit;
        try
        {
            code();
        }
        finally
        {
            VirtualList<T>.SpanLimit = before;
        }
    }
}
