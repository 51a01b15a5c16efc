using System.Runtime.InteropServices;
using static MemoryPages.Tests.Reserved.VirtualListWitness;
using Free = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Tests.Reserved;

/// <summary>Elements of every size: those that divide no page, and those larger than one. Each is written and read over many growths.</summary>
public sealed unsafe class VirtualListSizeTests
{
    [Fact]
    public void Elements_of_1_byte() => Fill<byte>(40_000);

    [Fact]
    public void Elements_of_3_bytes() => Fill<Three>(40_000);

    [Fact]
    public void Elements_of_8_bytes() => Fill<long>(40_000);

    [Fact]
    public void Elements_of_24_bytes() => Fill<TwentyFour>(40_000);

    [Fact]
    public void Elements_of_48_bytes() => Fill<FortyEight>(20_000);

    [Fact]
    public void Elements_larger_than_a_page() => Fill<Large>(100);

    private static void Fill<T>(int count)
        where T : unmanaged
    {
        using var list = new VirtualList<T>(new() { MaximumCapacity = count, NoHugePages = true });
        var noise = new Noise(7);
        nuint first = 0;
        for (int i = 0; i < count; i++)
        {
            T item = default;
            noise.Fill(MemoryMarshal.AsBytes(new Span<T>(ref item)));
            list.Add(item);
            first = i == 0 ? AddressOf(list) : first;
            Assert.True(list.Count <= list.Capacity && list.Capacity <= count);
        }

        Assert.Equal(first, AddressOf(list));
        Assert.Equal(first + ((nuint)(count - 1) * (nuint)sizeof(T)), (nuint)Free.AsPointer(ref list[count - 1]));
        Assert.Throws<InvalidOperationException>(() => list.Add(default));

        // Whole elements only are capacity: what the kernel lets be written holds them.
        Assert.True(Writable(first, PageSize.AlignUp((nuint)count * (nuint)sizeof(T), PageSize.Base)) >= (nuint)list.Capacity * (nuint)sizeof(T));
        noise = new Noise(7);
        for (int i = 0; i < count; i++)
        {
            T item = default;
            noise.Fill(MemoryMarshal.AsBytes(new Span<T>(ref item)));
            Assert.True(MemoryMarshal.AsBytes(new Span<T>(ref item)).SequenceEqual(MemoryMarshal.AsBytes(new Span<T>(ref list[i]))), $"element {i}");
        }

        T last = list[count - 1];
        T removed = list.RemoveAt(0);
        Assert.True(Same(last, list[count - 2]));
        list.Insert(0, removed);
        Assert.True(Same(last, list.Pop()));
        list.Truncate(1);
        list.TrimExcess();
        nuint page = PageSize.Base;
        Assert.Equal(Math.Min((nint)(PageSize.AlignUp((nuint)sizeof(T), page) / (nuint)sizeof(T)), count), list.Capacity);
        Assert.True(Same(removed, list[0]));
    }

    private static bool Same<T>(T one, T other)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref one)).SequenceEqual(MemoryMarshal.AsBytes(new Span<T>(ref other)));
}
