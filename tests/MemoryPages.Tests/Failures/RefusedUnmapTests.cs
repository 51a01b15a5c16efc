#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>Unmapping can fail (at vm.max_map_count, in the middle of a joined mapping). Nobody is told then, and nothing is lost.</summary>
public sealed class RefusedUnmapTests
{
    private const string NeedsSeccomp = "Refusing calls takes seccomp on x86-64 Linux.";

    [Theory]
    [InlineData(ENOMEM)]
    [InlineData(EINVAL)]
    [InlineData(EPERM)]
    public void What_cannot_be_unmapped_is_emptied_at_once_and_unmapped_later(int error)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nuint address = Park(Targets.Filled(), error);

        Assert.NotNull(SystemMap.At(address));
        Assert.All(SystemMap.Present(address, RefusedCall.Length), Assert.False);

        DisposeSomething();
        Targets.AssertUnmapped(address);
    }

    [Fact]
    public void Locked_pages_that_cannot_be_unmapped_are_emptied_too()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using Pages<ReadWrite> pages = Targets.Filled();
        pages.Lock(range: RefusedCall.Part);
        nuint address = Park(pages, ENOMEM);
        Assert.All(SystemMap.Present(address, RefusedCall.Length), Assert.False);
        DisposeSomething();
        Targets.AssertUnmapped(address);
    }

    [Fact]
    public void The_last_lease_to_end_does_not_throw_either()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nuint address = 0;
        During(
            () =>
            {
                Pages<ReadWrite> pages = Targets.Filled();
                address = AddressOf(pages);
                using ReadView view = pages.Read();
                pages.Dispose();
                Assert.Equal(1, view.Span[0]);
            },
            new FailingCall(Munmap, ENOMEM, RefusedCall.Length));
        Assert.All(SystemMap.Present(address, RefusedCall.Length), Assert.False);
        DisposeSomething();
        Targets.AssertUnmapped(address);
    }

    /// <summary>The first in the list is not one that blocks the others.</summary>
    [Fact]
    public void Several_parked_ranges_are_all_unmapped()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nuint[] parked = [.. Enumerable.Range(0, 5).Select(_ => Park(Targets.Filled(), ENOMEM))];
        Assert.All(parked, address => Assert.NotNull(SystemMap.At(address)));
        DisposeSomething();
        Assert.All(parked, Targets.AssertUnmapped);
    }

    [Fact]
    public void A_parked_range_that_is_refused_again_does_not_block_those_behind_it()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nuint stubborn = Park(Targets.Filled(), ENOMEM);
        nuint other = 0;
        During(
            () =>
            {
                Pages<ReadWrite> pages = Pages.Allocate(RefusedCall.Part.Length);
                other = AddressOf(pages);
                pages.Dispose();
            },
            new FailingCall(Munmap, ENOMEM, RefusedCall.Length),
            new FailingCall(Munmap, ENOMEM, RefusedCall.Part.Length));
        Assert.NotNull(SystemMap.At(other));

        During(DisposeSomething, new FailingCall(Munmap, ENOMEM, RefusedCall.Length));
        Targets.AssertUnmapped(other);
        Assert.NotNull(SystemMap.At(stubborn));

        DisposeSomething();
        Targets.AssertUnmapped(stubborn);
    }

    [Fact]
    public void Pages_that_can_be_neither_populated_nor_unmapped_are_unmapped_later() => AssertParkedAllocation(
        () => Pages.Allocate(RefusedCall.Length, new() { Populate = true }),
        new FailingCall(Madvise, ENOMEM, RefusedCall.Length, 23));

    /// <summary>The first place that the kernel offers is not aligned so far; giving it back is what fails.</summary>
    [Fact]
    public void A_misaligned_first_try_that_cannot_be_unmapped_is_unmapped_later() => AssertParkedAllocation(
        () => Pages.Allocate(RefusedCall.Length, new() { Alignment = PageSize.Base << 22 }));

    [Fact]
    public void A_file_that_can_be_neither_populated_nor_unmapped_is_unmapped_later()
    {
        using var file = new TemporaryFile(RefusedCall.Length);
        AssertParkedAllocation(() => Pages.Map(file.Path, new() { Populate = true }), new FailingCall(Madvise, EIO, RefusedCall.Length, 22));
    }

    private static void AssertParkedAllocation(Action allocate, params FailingCall[] failing)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        DisposeSomething();
        long before = SystemMap.Status("VmSize");
        During(
            () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    Assert.Throws<MemoryPagesException>(allocate);
                }
            },
            [new(Munmap, ENOMEM, RefusedCall.Length), .. failing]);
        DisposeSomething();
        Assert.InRange(SystemMap.Status("VmSize") - before, long.MinValue, 20 * (long)RefusedCall.Length);
    }

    /// <summary>Disposes pages on a thread where that cannot unmap them; says where they are.</summary>
    private static nuint Park(Pages<ReadWrite> pages, int error)
    {
        nuint address = AddressOf(pages);
        During(pages.Dispose, new FailingCall(Munmap, error, RefusedCall.Length));
        Assert.False(pages.IsUsable);
        return address;
    }

    private static void DisposeSomething() => Pages.Allocate(1).Dispose();

    private static unsafe nuint AddressOf(Pages<ReadWrite> pages) => (nuint)pages.DangerousPointer();
}
