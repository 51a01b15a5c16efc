using MemoryPages.Virtual;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

public sealed class PagePoolPressureTests
{
    [Theory]
    [InlineData(100, true)]
    [InlineData(90, true)]
    [InlineData(89, false)]
    [InlineData(0, false)]
    public void A_pool_trims_itself_shortly_before_the_load_is_high(long load, bool trims)
    {
        using var pool = new PagePool();
        List<PoolBlock> blocks = Rent(pool, Block, 10);
        blocks.ForEach(block => Fill(block));
        Return(blocks);
        Assert.True(pool.TrimUnderPressure(load, 100));
        Assert.Equal(trims ? 0 : 10 * Block, Resident(blocks));
    }

    /// <summary>The runtime is told what it shall call a high load: one percent of the machine's memory, which is always in use, or 99.</summary>
    [Theory]
    [InlineData("1", "trimmed")]
    [InlineData("63", "warm")]
    public void A_collection_under_pressure_trims(string hexadecimalPercent, string outcome)
    {
        Dictionary<string, string> environment = new() { ["DOTNET_GCHighMemPercent"] = hexadecimalPercent };
        ScenarioResult result = Scenario.RunWith(environment, [], "CollectWithWarmPool");
        Assert.True(result.Output == outcome, result.ToString());
    }

    [Fact]
    public void A_lost_pool_is_not_kept_alive_by_its_trimming()
    {
        WeakReference pool = Lose();
        for (int attempt = 0; attempt < 100 && pool.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(pool.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Lose()
        {
            var pool = new PagePool();
            Return(Rent(pool, Block, 1));
            return new WeakReference(pool);
        }
    }
}
