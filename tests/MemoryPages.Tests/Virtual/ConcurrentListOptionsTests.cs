using MemoryPages.Tests.Reserved;

namespace MemoryPages.Tests.Virtual;

/// <summary>Wishes: capacity, growth, header, alignment.</summary>
public sealed unsafe class ConcurrentListOptionsTests
{
    public static TheoryData<int> Exponents => [.. Enumerable.Range(0, 22)];

    [Theory]
    [MemberData(nameof(Exponents))]
    public void Headers_and_elements_are_aligned_as_wished_and_keep_apart(int exponent)
    {
        nuint alignment = (nuint)1 << exponent;
        foreach (nuint size in (nuint[])[0, 1, 100, 4 * alignment])
        {
            using var list = new ConcurrentVirtualList<byte>(
                new() { HeaderSize = size, HeaderAlignment = alignment, ElementAlignment = alignment, MaximumCapacity = 100, NoHugePages = true });
            using (WriteView header = list.Header())
            {
                Assert.True(header.Length >= size);
                header.Span.Fill(5);
                Assert.True(size == 0 || Address(ref header.Span[0]) % alignment == 0);
            }

            list.AddRange(Enumerable.Repeat((byte)6, 100).ToArray());
            Assert.Equal(0u, Address(ref list[0]) % alignment);
            using WriteView after = list.Header();
            Assert.Equal(-1, after.Span.IndexOfAnyExcept((byte)5));
            Assert.All(list, item => Assert.Equal(6, item));
            Assert.Throws<InvalidOperationException>(() => list.Add(6));
        }
    }

    [Fact]
    public void A_list_of_nothing_has_its_header()
    {
        using var list = new ConcurrentVirtualList<int>(new() { MaximumCapacity = 0, HeaderSize = 64 });
        using WriteView header = list.Header();
        Assert.Equal(64u, header.Length);
        header.Span.Fill(1);
        Assert.Throws<InvalidOperationException>(() => list.Add(1));
    }

    [Fact]
    public void What_exceeds_the_address_space_is_refused()
    {
        Assert.Throws<ArgumentException>(
            () => new ConcurrentVirtualList<byte>(new() { HeaderSize = (nuint)nint.MaxValue, MaximumCapacity = nint.MaxValue }));
        Assert.Throws<ArgumentException>(() => new ConcurrentVirtualList<long>(new() { MaximumCapacity = nint.MaxValue }));
        Assert.Throws<ArgumentException>(() => new ConcurrentVirtualList<long>(new() { HeaderSize = 1, HeaderAlignment = 3 }));
    }

    [Fact]
    public void Strategies_that_overflow_stop_at_the_maximum()
    {
        foreach (GrowthStrategy growth in (GrowthStrategy[])[
            GrowthStrategy.Exponential(nint.MaxValue, 1),
            GrowthStrategy.Exponential(nint.MaxValue, nint.MaxValue - 1),
            GrowthStrategy.Linear(nint.MaxValue)])
        {
            using var list = new ConcurrentVirtualList<int>(new() { MaximumCapacity = 10, Growth = growth });
            list.Add(42);
            Assert.Equal(10, list.Capacity);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_reserved_is_there(bool ahead)
    {
        using var list = new ConcurrentVirtualList<int>(new() { MaximumCapacity = 1 << 16 });
        Action<nint> reserve = ahead ? list.Reserve : list.ReserveExact;
        Func<nint, CapacityError> tryReserve = ahead ? list.TryReserve : list.TryReserveExact;
        Assert.Equal(0, list.Capacity);
        reserve(1024);
        Assert.InRange(list.Capacity, 1024, 1 << 16);
        list.AddRange(new int[2048]);
        reserve(2048);
        Assert.InRange(list.Capacity, 4096, 1 << 16);
        list.Add(2049);
        Assert.Equal(CapacityError.None, tryReserve(2048));
        Assert.InRange(list.Capacity, 4097, 1 << 16);
        Assert.Equal(CapacityError.Overflow, tryReserve((1 << 16) - 2048));
        Assert.Throws<InvalidOperationException>(() => reserve((1 << 16) - 2048));
        Assert.Equal(CapacityError.None, tryReserve((1 << 16) - 2049));
        Assert.Equal(1 << 16, list.Capacity);
        Assert.Throws<ArgumentOutOfRangeException>(() => tryReserve(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reserve(-1));
    }

    [Fact]
    public void Without_growing_ahead_capacity_is_what_is_needed_and_the_room_to_overtake()
    {
        using var list = new ConcurrentVirtualList<long>(new() { MaximumCapacity = 1 << 20, NoHugePages = true });
        list.EnsureCapacity(100_000);
        list.ReserveExact(200_000);
        Assert.InRange(list.Capacity, 200_000, 200_000 + 2_000);
        list.Reserve(210_000);
        Assert.True(list.Capacity >= 400_000);
    }

    [Fact]
    public void Memory_that_the_system_does_not_promise_is_an_error_that_changes_nothing()
    {
        Assert.SkipUnless(Testing.SystemCallFailure.IsPossible, "Refused system calls are made with a filter of x86-64 Linux.");
        using var list = new ConcurrentVirtualList<Pages3>(new() { MaximumCapacity = 10_000, NoHugePages = true });
        Testing.SystemCallFailure.During(
            () =>
            {
                Assert.Equal(CapacityError.System, list.TryReserveExact(5_000));
                Assert.Contains("Reserve", Assert.Throws<MemoryPagesException>(() => list.ReserveExact(5_000)).Message);
            },
            Refused(5_000 + 1024),
            Refused(5_000));
        Assert.Equal((0, 0), (list.Count, list.Capacity));
        Assert.Equal(0, list.Add(default(Pages3)));

        static Testing.FailingCall Refused(nint elements) =>
            new(Testing.SystemCallFailure.Mprotect, Testing.SystemCallFailure.ENOMEM, (nuint)elements * (nuint)sizeof(Pages3));
    }

    /// <summary>C# has no types without size: the smallest is a byte.</summary>
    [Fact]
    public void Elements_without_content_are_counted()
    {
        for (int maximum = 0; maximum <= 256; maximum = maximum == 0 ? 1 : maximum * 2)
        {
            using var list = new ConcurrentVirtualList<Nothing>(new() { MaximumCapacity = maximum });
            Assert.Equal((0, maximum), (list.Count, list.MaximumCapacity));
            for (int i = 0; i < maximum; i++)
            {
                list.Add(default(Nothing));
            }

            Assert.Equal((maximum, maximum, maximum), (list.Count, list.Capacity, list.Count()));
        }
    }

    private static nuint Address(ref byte item) => (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref item);

    private struct Nothing;

    [System.Runtime.CompilerServices.InlineArray(3 * 4096)]
    private struct Pages3
    {
        private byte _first;
    }
}
