#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>An allocation or mapping that is refused, at each of its calls, leaves nothing behind.</summary>
public sealed class RefusedAllocationTests
{
    private const int Times = 1000;
    private const string NeedsSeccomp = "Refusing calls takes seccomp on x86-64 Linux.";

    public static TheoryData<int> Errors => [ENOMEM, EACCES, EPERM, EINVAL, EAGAIN];

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_refused_allocation_is_told(int error)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        AssertRefused<ReadWrite>(3);
        AssertRefused<NoAccess>(0);
        AssertRefused<ReadOnly>(1);
        AssertRefused<WriteOnly>(2);
        AssertRefused<ExecuteOnly>(4);
        AssertRefused<ReadExecute>(5);

        void AssertRefused<TProtection>(int native)
            where TProtection : struct, IProtection
        {
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
                () => Pages.Allocate<TProtection>(RefusedCall.Length - 1), new FailingCall(Mmap, error, RefusedCall.Length, native)));
            Targets.AssertTells(told, "Allocate", "mmap", error, RefusedCall.Length);
            Assert.Equal(0u, told.Address);
            Assert.Equal(error switch { ENOMEM => ErrorReason.OutOfMemory, EACCES or EPERM => ErrorReason.AccessDenied, _ => ErrorReason.Other }, told.Reason);
        }
    }

    /// <summary>There is none: advice about one sends people the wrong way. Systems say this of memory that is to be run (SELinux, PR_SET_MDWE).</summary>
    [Theory]
    [InlineData(EACCES)]
    [InlineData(EPERM)]
    public void The_hint_for_refused_memory_does_not_speak_of_a_file(int error)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
            () => Pages.Allocate<ReadExecute>(RefusedCall.Length), new FailingCall(Mmap, error, RefusedCall.Length)));
        Assert.DoesNotContain("file", told.Hint ?? "", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Refused_allocations_leak_nothing_however_often() => AssertNoLeak(
        () => Assert.Throws<MemoryPagesException>(() => Pages.Allocate(RefusedCall.Length)),
        new FailingCall(Mmap, ENOMEM, RefusedCall.Length));

    [Fact]
    public void Allocations_that_cannot_be_populated_are_unmapped_again() => AssertNoLeak(
        () =>
        {
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(RefusedCall.Length, new() { Populate = true }));
            Targets.AssertTells(told, "Allocate", "madvise", EFAULT, RefusedCall.Length);
        },
        new FailingCall(Madvise, EFAULT, RefusedCall.Length, 23));

    [Fact]
    public void Aligned_allocations_that_find_no_room_are_unmapped_again()
    {
        nuint alignment = PageSize.Base << 18;
        AssertNoLeak(
            () => Assert.Equal("mmap", Assert.Throws<MemoryPagesException>(() => Pages.Allocate(RefusedCall.Length, new() { Alignment = alignment })).NativeCall),
            new FailingCall(Mmap, ENOMEM, RefusedCall.Length + alignment - PageSize.Base));
    }

    [Fact]
    public void Files_that_cannot_be_populated_are_unmapped_and_closed_again()
    {
        using var file = new TemporaryFile(RefusedCall.Length);
        int descriptors = Directory.GetFiles(Needed.File("/proc/self/fd")).Length;
        AssertNoLeak(
            () =>
            {
                MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Pages.Map(file.Path, new() { Populate = true }));
                Targets.AssertTells(told, "Map", "madvise", EIO, RefusedCall.Length);
            },
            new FailingCall(Madvise, EIO, RefusedCall.Length, 22));
        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length, 0, descriptors + (Times / 2));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_refused_file_is_told_and_closed(int error)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using var file = new TemporaryFile(RefusedCall.Length);
        int descriptors = Directory.GetFiles(Needed.File("/proc/self/fd")).Length;
        for (int i = 0; i < 50; i++)
        {
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
                () => Pages.MapShared(file.Path), new FailingCall(Mmap, error, RefusedCall.Length, 3)));
            Targets.AssertTells(told, "MapShared", "mmap", error, RefusedCall.Length);
        }

        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length, 0, descriptors + 25);
    }

    [Fact]
    public void Trying_says_false_and_allocates_no_object()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        During(() => AssertFalse(default), new FailingCall(Mmap, ENOMEM, RefusedCall.Length));
        During(() => AssertFalse(new() { Populate = true }), new FailingCall(Madvise, ENOMEM, RefusedCall.Length, 23));

        static void AssertFalse(AllocationOptions options)
        {
            Assert.False(Pages.TryAllocate(RefusedCall.Length, options, out Pages<ReadWrite>? pages)); // compiled and asked once
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool done = Pages.TryAllocate(RefusedCall.Length, options, out pages);
            long after = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(done);
            Assert.Null(pages);
            Assert.Equal(before, after);
        }
    }

    [Fact]
    public void Transparent_huge_pages_are_a_wish_that_may_be_refused()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        nuint length = RefusedCall.Length * 4;
        During(
            () =>
            {
                using Pages<ReadWrite> pages = Pages.Allocate(length, new() { HugePages = HugePages.Transparent });
                pages.Write<int>(0, 1);
                Assert.False(MapOf(pages).HasFlag("hg"));
            },
            new FailingCall(Madvise, EINVAL, length, 14));
    }

    [Fact]
    public void Preferred_huge_pages_fall_back_to_ordinary_ones_and_strict_ones_fail()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        Assert.SkipWhen(PageSize.Huge.IsEmpty, "This system has no huge pages.");
        nuint huge = PageSize.Huge[0];
        nuint length = (huge * 11) + (3 * PageSize.Base); // with room for alignment still no multiple of a huge page
        var noneFree = new FailingCall(Mmap, ENOMEM, huge * 12);
        During(
            () =>
            {
                using Pages<ReadWrite> pages = Pages.Allocate(length, new() { HugePages = HugePages.Explicit(huge, HugePagePolicy.Prefer) });
                Assert.Equal(PageSize.Base, pages.PageSize);
                Assert.Equal(length, pages.Length);
                pages.Write<int>(length - 4, 1);
                Assert.DoesNotContain("ht", MapOf(pages).Flags.Split(' '));
            },
            noneFree);

        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
            () => Pages.Allocate(length, new() { HugePages = HugePages.Explicit(huge) }), noneFree));
        Assert.Equal(ErrorReason.NoHugePages, told.Reason);
        Assert.Contains("12 pages", told.Hint);
        Assert.Contains("nr_hugepages", told.Hint);
        Assert.False(TryStrict());

        bool TryStrict()
        {
            bool done = true;
            During(() => done = Pages.TryAllocate(length, new() { HugePages = HugePages.Explicit(huge) }, out _), noneFree);
            return done;
        }
    }

    private static unsafe SystemMap MapOf(Pages<ReadWrite> pages) => SystemMap.At((nuint)pages.DangerousPointer())!;

    /// <summary>What one run leaves behind shows a thousandfold, far above what the runtime maps meanwhile.</summary>
    private static void AssertNoLeak(Action refused, FailingCall failing)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        During(
            () =>
            {
                refused();
                int mappings = SystemMap.Count();
                long bytes = SystemMap.Status("VmSize");
                for (int i = 0; i < Times; i++)
                {
                    refused();
                }

                Assert.InRange(SystemMap.Count() - mappings, -Times, Times / 5);
                Assert.InRange(SystemMap.Status("VmSize") - bytes, long.MinValue, Times / 5 * (long)RefusedCall.Length);
            },
            failing);
    }
}

/// <summary>A file that is gone afterwards.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(nuint length)
    {
        using FileStream file = File.OpenWrite(Path);
        file.SetLength((long)length);
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
