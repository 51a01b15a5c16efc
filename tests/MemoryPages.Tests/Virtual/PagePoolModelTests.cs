using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MemoryPages.Virtual;
using MemoryPages.Tests.Simulation;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>Random sequences of rent, return and trim against a model: which addresses are whose, and what stands in them.</summary>
[SuppressMessage("Security", "CA5394", Justification = "A sequence that can be repeated is wanted, not a secret one.")]
[OnEverySystem]
public sealed class PagePoolModelTests
{
    [Theory]
    [InlineData(1, false, 0UL)]
    [InlineData(2, false, 256UL << 10)]
    [InlineData(3, true, 256UL << 10)]
    [InlineData(4, true, 64UL << 20)]
    [InlineData(5, false, 64UL << 20)]
    public void Blocks_never_overlap_and_keep_what_was_written_to_them(int seed, bool zeroed, ulong budget)
    {
        const nuint Maximum = 256 << 10;
        var random = new Random(seed);

        // So few addresses that classes run out of them, too.
        using var pool = new PagePool(new() { MaximumBlock = Maximum, ResidentBudget = (nuint)budget, Zeroed = zeroed, ClassCapacity = 1 << 20 });
        var rented = new SortedDictionary<nuint, (PoolBlock Block, ulong Stamp)>();
        for (int step = 0; step < SimulatedRun.Share(20_000); step++)
        {
            int choice = random.Next(100);
            if (choice < 50 && rented.Count < 60)
            {
                nuint wished = (nuint)Math.Exp(random.NextDouble() * Math.Log(2.5 * Maximum)) + 1;
                PoolBlock block = pool.RentBlock(wished);
                Assert.True(block.Length >= wished);
                Assert.Equal(0u, block.Address % (IsPooled(block) ? block.Length : Page));
                if (zeroed)
                {
                    Assert.Equal(-1, Bytes(block).IndexOfAnyExcept((byte)0));
                }

                ulong stamp = (ulong)step;
                Stamp(block, stamp);
                rented.Add(block.Address, (block, stamp));
            }
            else if (choice < 99 && rented.Count > 0)
            {
                (PoolBlock block, ulong stamp) = rented.ElementAt(random.Next(rented.Count)).Value;
                AssertStamp(block, stamp);
                rented.Remove(block.Address);
                pool.Return(block, block.Ticket);
            }
            else if (random.Next(4) == 0)
            {
                nuint free = pool.Counters.CommittedBytes - Pooled(rented.Values);
                Assert.Equal(free, pool.Trim());
            }

            Assert.True(pool.Counters.WarmBytes <= budget);
        }

        nuint end = 0;
        foreach ((nuint address, (PoolBlock block, ulong stamp)) in rented)
        {
            Assert.True(address >= end);
            AssertStamp(block, stamp);
            end = address + block.Length;
        }

        PagePoolCounters counters = pool.Counters;
        Assert.Equal((rented.Count, (nuint)rented.Values.Sum(one => (long)one.Block.Length)), (counters.RentedBlocks, counters.RentedBytes));
        Return(rented.Values.Select(one => one.Block));
        Assert.Equal(0, pool.Counters.RentedBlocks);
        Assert.NotEqual(0, counters.Trims);

        nuint Pooled(IEnumerable<(PoolBlock Block, ulong Stamp)> blocks) =>
            (nuint)blocks.Where(one => IsPooled(one.Block)).Sum(one => (long)one.Block.Length);
    }

    /// <summary>No class here has a single block: only a mapping of its own is as long as its block.</summary>
    private static bool IsPooled(PoolBlock block) => block.Mapping.Length != block.Length;

    /// <summary>The first and last word of every page: two blocks that share a byte of a page share one of these.</summary>
    private static void Stamp(PoolBlock block, ulong stamp)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(Bytes(block));
        int page = (int)(Page / sizeof(ulong));
        for (int word = 0; word < words.Length; word += page)
        {
            words[word] = stamp;
            words[word + page - 1] = ~stamp;
        }
    }

    private static void AssertStamp(PoolBlock block, ulong stamp)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(Bytes(block));
        int page = (int)(Page / sizeof(ulong));
        for (int word = 0; word < words.Length; word += page)
        {
            Assert.True(words[word] == stamp && words[word + page - 1] == ~stamp);
        }
    }
}
