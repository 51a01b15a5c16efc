using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

public sealed unsafe class ReadyBitsTests
{
    private const int Slots = 320;

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1, 8u)]
    [InlineData(64, 8u)]
    [InlineData(65, 16u)]
    public void Bytes_are_whole_words(int slots, uint bytes) => Assert.Equal((nuint)bytes, ReadyBits.BytesFor(slots));

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(319)]
    public void Setting_one_sets_that_one_only(int slot)
    {
        ulong* words = stackalloc ulong[Slots / 64];
        var bits = new ReadyBits(words);
        bits.Set(slot, 1);
        Assert.Equal([slot], Enumerable.Range(0, Slots).Where(i => new ReadyBits(words).IsSet(i)));
    }

    /// <summary>Every start within a word and a length beyond two: against an array of booleans.</summary>
    [Fact]
    public void Runs_are_set_exactly_whatever_was_set_before()
    {
        ulong* words = stackalloc ulong[Slots / 64];
        var bits = new ReadyBits(words);
        for (int start = 0; start < 130; start++)
        {
            for (int count = 0; count < 190; count++)
            {
                new Span<ulong>(words, Slots / 64).Clear();
                bits.Set(319, 1);
                bits.Set(start, count);
                for (int slot = 0; slot < Slots; slot++)
                {
                    bool expected = slot == 319 || (slot >= start && slot < start + count);
                    if (bits.IsSet(slot) != expected)
                    {
                        Assert.Fail($"Slot {slot} after Set({start}, {count})");
                    }
                }
            }
        }
    }

    [Fact]
    public void The_first_unset_is_found_from_everywhere_up_to_everywhere()
    {
        ulong* words = stackalloc ulong[Slots / 64];
        var bits = new ReadyBits(words);
        foreach (int hole in (int[])[0, 1, 63, 64, 127, 128, 200, 319])
        {
            new Span<ulong>(words, Slots / 64).Clear();
            bits.Set(0, hole);
            bits.Set(hole + 1, Slots - hole - 1);
            for (int start = 0; start < Slots; start++)
            {
                for (int end = 0; end <= Slots; end += 7)
                {
                    nint expected = hole >= start && hole < end ? hole : end;
                    if (bits.FirstUnset(start, end) != expected)
                    {
                        Assert.Fail($"FirstUnset({start}, {end}) is {bits.FirstUnset(start, end)}, with {hole} unset");
                    }
                }
            }
        }
    }
}
