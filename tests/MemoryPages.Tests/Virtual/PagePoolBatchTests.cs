using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using MemoryPages.Platform;
using MemoryPages.Virtual;
using static MemoryPages.Testing.SystemCallFailure;
using static MemoryPages.Tests.Virtual.PagePoolWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>Discarding many ranges: in one call where the kernel takes it, and one by one where it does not. Looked at in the page tables.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe partial class PagePoolBatchTests
{
    private const int ProcessMadvise = 440;
    private const int ENOSYS = 38;

    private static bool BatchesSupported => MemorySystem.Current.BatchesSupported;

    /// <summary>Asked of the kernel by the test itself, so that the tests below are not skipped because the library does not see what is there.</summary>
    [Fact]
    public void Batches_are_used_where_the_kernel_takes_them()
    {
        using var ranges = new Ranges(4);
        fixed ((nuint, nuint)* first = ranges.EveryOther)
        {
            nint bytes = SystemCall(ProcessMadvise, -10000, first, 2, 4, 0);
            Assert.Equal(bytes == (nint)(2 * Ranges.Length), BatchesSupported);
        }
    }

    [Fact]
    public void What_was_named_is_gone_and_what_lies_between_is_not()
    {
        using var ranges = new Ranges(300);
        Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void More_ranges_than_a_call_takes_are_discarded_too()
    {
        using var ranges = new Ranges(2500);
        Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void A_batch_needs_no_call_for_each_range()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        Assert.SkipUnless(BatchesSupported, "This kernel takes no batches for the own process (Linux 6.14).");
        using var ranges = new Ranges(300);
        During(() => Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed), new FailingCall(Madvise, EINVAL, Ranges.Length));
        ranges.AssertEveryOtherGone();
    }

    [Theory]
    [InlineData(ENOSYS)]
    [InlineData(EPERM)]
    [InlineData(EINVAL)]
    public void A_refused_batch_is_discarded_range_by_range(int error)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        using var ranges = new Ranges(300);
        During(() => Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed), new FailingCall(ProcessMadvise, error));
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void Without_batches_each_range_is_a_call()
    {
        using var ranges = new Ranges(300);
        Assert.False(((Platform.Linux.LinuxMemorySystem)MemorySystem.Current).DiscardSingly(ranges.EveryOther).Failed);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void Locked_memory_in_the_middle_stops_nothing()
    {
        using var ranges = new Ranges(100);
        Assert.False(MemorySystem.Current.Lock(ranges.EveryOther[20].Address, Ranges.Length, LockMode.Resident).Failed);
        Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void A_range_that_is_not_mapped_is_told_and_keeps_no_other_from_going()
    {
        using var ranges = new Ranges(100);
        (nuint hole, _) = ranges.EveryOther[20];
        Assert.Equal(0, Kernel.Unmap((nint)hole, Ranges.Length));
        SystemError error = MemorySystem.Current.DiscardBatch(ranges.EveryOther);
        Assert.Equal(ENOMEM, error.Code);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void Nothing_and_a_single_range_are_batches_too()
    {
        using var ranges = new Ranges(2);
        Assert.False(MemorySystem.Current.DiscardBatch([]).Failed);
        Assert.False(MemorySystem.Current.DiscardBatch(ranges.EveryOther).Failed);
        ranges.AssertEveryOtherGone();
    }

    [Fact]
    public void A_pool_gives_back_what_exceeds_its_budget_in_batches()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        Assert.SkipUnless(BatchesSupported, "This kernel takes no batches for the own process (Linux 6.14).");
        using var pool = new PagePool(new() { ResidentBudget = 32 << 20 });
        List<PoolBlock> blocks = Rent(pool, Block, 1000);
        blocks.ForEach(block => Fill(block));
        During(() => Return(blocks), new FailingCall(Madvise, EINVAL, Block));
        Assert.InRange(Resident(blocks), 16u << 20, 32u << 20);
    }

    [Fact]
    public void Blocks_that_the_system_does_not_take_back_stay_usable_and_are_cleared_where_zeros_are_wished()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        using var pool = new PagePool(new() { ResidentBudget = 0, Zeroed = true });
        List<PoolBlock> blocks = Rent(pool, Block, 50);
        blocks.ForEach(block => Fill(block));
        During(() => Return(blocks), new FailingCall(ProcessMadvise, EPERM), new FailingCall(Madvise, EIO, Block));
        Assert.Equal(50 * Block, Resident(blocks));
        Assert.Equal((nuint)0, pool.Counters.DiscardedBytes);
        List<PoolBlock> again = Rent(pool, Block, 50);
        Assert.Equal(blocks.ToHashSet(), again.ToHashSet());
        Assert.All(again, block => Assert.Equal(-1, Bytes(block).IndexOfAnyExcept((byte)0)));
        Return(again);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint process, void* ranges, nuint count, nint advice, nuint flags);

    /// <summary>Touched ranges side by side, of which every other one is to go.</summary>
    private sealed class Ranges : IDisposable
    {
        public static readonly nuint Length = 2 * Page;
        private readonly nint _area;
        private readonly int _count;

        public Ranges(int count)
        {
            _count = count;
            _area = Kernel.Map(0, (nuint)count * Length, Kernel.ReadBit | Kernel.WriteBit, Kernel.PrivateAnonymous, -1, 0);
            Assert.NotEqual(Kernel.Failed, _area);
            new Span<byte>((void*)_area, (int)((nuint)count * Length)).Fill(1);
            EveryOther = [.. Enumerable.Range(0, count).Where(i => i % 2 == 0).Select(i => ((nuint)_area + ((nuint)i * Length), Length))];
            _ = BatchesSupported; // probed here, not where calls are refused
        }

        public (nuint Address, nuint Length)[] EveryOther { get; }

        public void AssertEveryOtherGone()
        {
            bool[] present = SystemMap.Present((nuint)_area, (nuint)_count * Length);
            for (int page = 0; page < present.Length; page++)
            {
                Assert.Equal((nuint)page * Page / Length % 2 == 1, present[page]);
            }
        }

        public void Dispose() => Assert.Equal(0, Kernel.Unmap(_area, (nuint)_count * Length));
    }
}
