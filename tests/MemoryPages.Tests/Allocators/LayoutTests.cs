namespace MemoryPages.Tests.Allocators;

/// <summary>Sizes and alignments: which there are, and which not.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(48)]
    public void An_alignment_is_a_power_of_two(int alignment)
    {
        ArgumentException wrong = Assert.Throws<ArgumentException>(nameof(alignment), () => new Layout(8, (nuint)alignment));
        Assert.StartsWith($"An alignment must be a power of two; {alignment} is not.", wrong.Message);
    }

    [Fact]
    public void A_size_that_no_address_space_has_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("size", () => new Layout(nuint.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => new Layout((nuint)nint.MaxValue, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Layout.Of<long>(nuint.MaxValue / 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Layout.Of<long>((nuint.MaxValue / 8) + 2)); // whose product overflows to 8
        Assert.Equal((nuint)nint.MaxValue, new Layout((nuint)nint.MaxValue, 1).Size);
    }

    [Fact]
    public void Values_have_their_size_and_natural_alignment()
    {
        Assert.Equal(new Layout(8, 8), Layout.Of<double>());
        Assert.Equal(new Layout(6, 2), Layout.Of<short>(3));
        Assert.Equal(new Layout(16, 8), Layout.Of<(byte, long)>());
        Assert.Equal(new Layout(0, 4), Layout.Of<int>(0));
        Assert.Equal((nuint)1, default(Layout).Alignment);
    }
}
