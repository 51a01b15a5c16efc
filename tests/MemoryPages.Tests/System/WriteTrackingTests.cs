#pragma warning disable MP1001, CA5394 // what an ended tracking answers is tested; places, not secrets
using MemoryPages.Tests.Files;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Effects;

/// <summary>Which pages were written to, as the system tells it: nothing is written behind its back, nothing is told that was not.</summary>
public sealed class WriteTrackingTests
{
    private const ulong Agree = 0xC018AA3F;
    private const ulong Register = 0xC020AA00;
    private const ulong Scan = 0xC0606610;

    private static readonly nuint s_page = PageSize.Base;

    private static void SkipUnlessSupported() =>
        Assert.SkipUnless(WriteTracking.IsSupported, "This system does not tell which pages were written (Linux: since 6.7).");

    private static Pages<ReadWrite> Allocate(nuint pages)
    {
        SkipUnlessSupported();
        return Pages.Allocate(pages * s_page, new() { WriteTracking = true });
    }

    private static PageRange PagesOf(nuint first, nuint count = 1) => new(first * s_page, count * s_page);

    [Fact]
    public void What_was_written_since_is_told_once()
    {
        using Pages<ReadWrite> pages = Allocate(16);
        pages.Write(3 * s_page, 7); // before: nobody's business
        using WriteTracking tracking = pages.TrackWrites();
        Assert.Equal(PagesOf(0, 16), tracking.Range);
        Assert.Empty(tracking.TakeWritten());

        pages.Write(0, 1);
        pages.Write((2 * s_page) - 2, 1); // into two pages
        pages.Write(9 * s_page, 1);
        Assert.Equal(4 * s_page, tracking.CountWrittenBytes());
        Assert.Equal(4 * s_page, tracking.CountWrittenBytes()); // counting forgets nothing
        Assert.Equal([PagesOf(0, 3), PagesOf(9)], tracking.TakeWritten());
        Assert.Empty(tracking.TakeWritten());
        Assert.Equal(0u, tracking.CountWrittenBytes());

        Assert.Equal(7, pages.Read<int>(3 * s_page));
        Assert.Empty(tracking.TakeWritten()); // reading is no writing
        pages.Write(9 * s_page, 2);
        Assert.Equal([PagesOf(9)], tracking.TakeWritten());
    }

    [Fact]
    public void A_part_is_rounded_outward_and_the_rest_is_not_looked_at()
    {
        using Pages<ReadWrite> pages = Allocate(16);
        using WriteTracking tracking = pages.TrackWrites(new PageRange((5 * s_page) - 1, 2));
        Assert.Equal(PagesOf(4, 2), tracking.Range);
        using (WriteView view = pages.Write())
        {
            view.Span.Fill(1);
        }

        Assert.Equal([PagesOf(4, 2)], tracking.TakeWritten());
        using WriteTracking beside = pages.TrackWrites(PagesOf(8, 4)); // at the same time
        pages.Write(8 * s_page, 1);
        Assert.Empty(tracking.TakeWritten());
        Assert.Equal([PagesOf(8)], beside.TakeWritten());
    }

    [Fact]
    public void What_the_kernel_writes_and_what_vanishes_count_too()
    {
        Needed.Linux("writes of system calls that are tracked");
        using var file = new TempFile((nuint)(2 * s_page));
        using Pages<ReadWrite> pages = Allocate(16);
        using (WriteView view = pages.Write())
        {
            view.Span.Fill(1);
        }

        using (WriteTracking tracking = pages.TrackWrites())
        {
            using (WriteView view = pages.Write(PagesOf(5, 2)))
            {
                using FileStream stream = File.OpenRead(file.Path);
                stream.ReadExactly(view.Span);
            }

            Assert.Equal([PagesOf(5, 2)], tracking.TakeWritten());
        }

        // A change of the pages needs them for itself; the system's own answer to it is that all is new.
        pages.Discard(PagesOf(8, 2));
        using WriteTracking after = pages.TrackWrites();
        Assert.Empty(after.TakeWritten());
    }

    [Theory]
    [InlineData("shared file")]
    [InlineData("copy of a file")]
    [InlineData("shared memory")]
    public void Pages_of_files_and_of_shared_memory_are_tracked_as_well(string what)
    {
        Needed.Linux("writes to files that are tracked");
        SkipUnlessSupported();
        using var file = new TempFile(10 * s_page);
        using SharedMemory memory = SharedMemory.Create(10 * s_page);
        using Pages<ReadWrite> pages = what switch
        {
            "shared file" => Pages.MapShared(file.Path, new FileMapOptions { Offset = 100, Length = (9 * s_page) - 1 }),
            "copy of a file" => Pages.MapCopyOnWrite(file.Path, new() { Offset = 100, Length = (9 * s_page) - 1 }),
            _ => memory.MapShared(),
        };
        using WriteTracking tracking = pages.TrackWrites();
        pages.Write(0, 1);
        pages.Write(5 * s_page, 1);
        pages.Write(pages.Length - 4, 1);
        nuint before = what == "shared memory" ? 0u : 100;
        nuint last = (pages.Length - 1 + before) / s_page;
        Assert.Equal(
            [new(0, s_page - before), new((5 * s_page) - before, s_page), new((last * s_page) - before, pages.Length + before - (last * s_page))],
            tracking.TakeWritten()); // at either end, no more than is the user's
        Assert.Empty(tracking.TakeWritten());
    }

    [Fact]
    public void Writes_through_another_mapping_are_not_seen()
    {
        Needed.Linux("writes to files that are tracked");
        SkipUnlessSupported();
        using SharedMemory memory = SharedMemory.Create(4 * s_page);
        using Pages<ReadWrite> here = memory.MapShared();
        using Pages<ReadWrite> there = memory.MapShared();
        using WriteTracking tracking = here.TrackWrites();
        there.Write(0, 42);
        Assert.Equal(42, here.Read<int>(0));
        Assert.Empty(tracking.TakeWritten());
    }

    [Fact]
    public void A_little_room_at_a_time_loses_nothing()
    {
        using Pages<ReadWrite> pages = Allocate(1000);
        using WriteTracking tracking = pages.TrackWrites();
        for (nuint page = 0; page < 1000; page += 3)
        {
            pages.Write(page * s_page, 1);
        }

        List<nuint> told = [];
        Span<PageRange> room = new PageRange[7];
        for (int count = room.Length; count == room.Length;)
        {
            count = tracking.TakeWritten(room);
            foreach (PageRange range in room[..count])
            {
                Assert.Equal(s_page, range.Length);
                told.Add(range.Offset / s_page);
            }
        }

        Assert.Equal(Enumerable.Range(0, 334).Select(i => (nuint)i * 3), told);
        Assert.Equal(0, tracking.TakeWritten(room));
        Assert.Throws<ArgumentException>(() => tracking.TakeWritten([]));
    }

    [Fact]
    public void Many_ranges_and_a_long_one_are_told_whole()
    {
        using Pages<ReadWrite> pages = Allocate(4096);
        using WriteTracking tracking = pages.TrackWrites();
        using (WriteView view = pages.Write(PagesOf(1000, 2000)))
        {
            view.Span.Fill(1);
        }

        for (nuint page = 1; page < 900; page += 2)
        {
            pages.Write(page * s_page, 1);
        }

        IReadOnlyList<PageRange> written = tracking.TakeWritten();
        Assert.Equal(451, written.Count);
        Assert.Equal(PagesOf(1000, 2000), written[^1]);
        Assert.Empty(tracking.TakeWritten());
    }

    /// <summary>Writers go on while a copy is kept up by what is told: in the end it equals the original.</summary>
    [Fact]
    public void A_copy_that_follows_what_is_told_misses_no_write()
    {
        const int Count = 300;
        using Pages<ReadWrite> pages = Allocate(Count);
        byte[] copy = new byte[pages.Length];
        using WriteTracking tracking = pages.TrackWrites();
        using var writing = new CountdownEvent(2);
        Thread[] writers = [.. Enumerable.Range(0, 2).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            using (WriteView view = pages.Write())
            {
                Span<byte> bytes = view.Span;
                for (int i = 0; i < 200_000; i++)
                {
                    bytes[(random.Next(Count) * (int)s_page) + (random.Next(100) * 2) + number] = (byte)random.Next(256);
                }
            }

            writing.Signal();
        }))];
        Array.ForEach(writers, writer => writer.Start());
        var room = new PageRange[5];
        bool isOver;
        do
        {
            isOver = writing.IsSet; // before the last look
            for (int count = room.Length; count == room.Length;)
            {
                count = tracking.TakeWritten(room);
                foreach (PageRange range in room.AsSpan(0, count))
                {
                    pages.CopyTo(range.Offset, copy.AsSpan((int)range.Offset, (int)range.Length));
                }
            }
        }
        while (!isOver);

        Array.ForEach(writers, writer => writer.Join());
        using ReadView original = pages.Read();
        Assert.True(original.Span.SequenceEqual(copy));
    }

    [Fact]
    public void Nothing_can_be_done_to_the_pages_meanwhile_and_everything_afterwards()
    {
        using Pages<ReadWrite> pages = Allocate(4);
        using (WriteTracking tracking = pages.TrackWrites())
        {
            Assert.Equal(1, pages.LeaseCount);
            Assert.Throws<InvalidOperationException>(() => pages.Protect<ReadOnly>());
            Assert.Throws<InvalidOperationException>(() => pages.Discard());
            Assert.True(pages.IsUsable);
            tracking.Dispose();
            tracking.Dispose();
            Assert.Equal(0, pages.LeaseCount);
            Assert.Throws<ObjectDisposedException>(() => tracking.TakeWritten());
            Assert.Throws<ObjectDisposedException>(() => tracking.TakeWritten(new PageRange[1]));
            Assert.Throws<ObjectDisposedException>(() => tracking.CountWrittenBytes());
        }

        using WriteTracking again = pages.TrackWrites();
        pages.Write(0, 1);
        Assert.Equal([PagesOf(0)], again.TakeWritten());
    }

    [Fact]
    public void Pages_that_end_first_are_there_until_the_tracking_ends()
    {
        Pages<ReadWrite> pages = Allocate(4);
        using WriteTracking tracking = pages.TrackWrites();
        pages.Dispose();
        Assert.Empty(tracking.TakeWritten());
    }

    [Fact]
    public void Two_cannot_track_the_same_pages()
    {
        Needed.Linux("a tracker that is one at a time"); // Windows has one state for all, which both would see
        using Pages<ReadWrite> pages = Allocate(4);
        using (WriteTracking tracking = pages.TrackWrites(PagesOf(1, 2)))
        {
            MemoryPagesException refusal = Assert.Throws<MemoryPagesException>(() => pages.TrackWrites());
            Assert.Equal(ErrorReason.Busy, refusal.Reason);
            Assert.Contains("one at a time", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(1, pages.LeaseCount);
            pages.Write(s_page, 1);
            Assert.Equal([PagesOf(1)], tracking.TakeWritten()); // whose state is as before
        }

        pages.TrackWrites().Dispose();
    }

    [Fact]
    public void What_is_outside_is_refused_and_nothing_is_nothing()
    {
        using Pages<ReadWrite> pages = Allocate(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TrackWrites(PagesOf(3, 2)));
        using (WriteTracking none = pages.TrackWrites(new PageRange(s_page, 0)))
        {
            pages.Write(s_page, 1);
            Assert.Empty(none.TakeWritten());
            Assert.Equal(0u, none.CountWrittenBytes());
        }

        Assert.Equal(0, pages.LeaseCount);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pages.TrackWrites());
    }

    [Fact]
    public void Of_huge_pages_the_whole_is_told()
    {
        SkipUnlessSupported();
        Needed.File("/sys/kernel/mm/hugepages");
        using var pool = new HugePagePool(2);
        nuint huge = HugePagePool.Size;
        using Pages<ReadWrite> pages = Pages.Allocate(2 * huge, new() { HugePages = HugePages.Explicit(huge) });
        using WriteTracking tracking = pages.TrackWrites();
        Assert.Empty(tracking.TakeWritten());
        pages.Write(huge + 5, 1);
        Assert.Equal([new(huge, huge)], tracking.TakeWritten());
        Assert.Empty(tracking.TakeWritten());
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        using Pages<ReadWrite> pages = Allocate(64);
        using WriteTracking tracking = pages.TrackWrites();
        var room = new PageRange[16];
        long bytes = 0;
        for (int i = 0; i < 3; i++) // the first time compiles
        {
            pages.Write(5 * s_page, i);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = tracking.TakeWritten(room);
            _ = tracking.CountWrittenBytes();
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(1, count);
        }

        Assert.Equal(0, bytes);
    }

    public static TheoryData<int, ulong?, int, ErrorReason, string> Refusals => new()
    {
        { UserFaultFd, null, EPERM, ErrorReason.AccessDenied, "seccomp" },
        { UserFaultFd, null, ENOSYS, ErrorReason.NotSupported, "CONFIG_USERFAULTFD" },
        { UserFaultFd, null, EMFILE, ErrorReason.Other, "RLIMIT_NOFILE" },
        { Ioctl, Agree, EINVAL, ErrorReason.NotSupported, "Linux 6.7" },
        { Ioctl, Register, EINVAL, ErrorReason.NotSupported, "memory of this kind" },
        { Ioctl, Register, ENOMEM, ErrorReason.OutOfMemory, "memory" },
        { Ioctl, Scan, ENOTTY, ErrorReason.NotSupported, "Linux 6.7" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_the_system_refuses_is_told_and_nothing_stays(int call, ulong? command, int error, ErrorReason reason, string hint)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        using Pages<ReadWrite> pages = Allocate(4);
        pages.TrackWrites().Dispose(); // what is opened once is
        int before = Trackers();
        MemoryPagesException? refusal = null;
        During(
            () => refusal = Assert.Throws<MemoryPagesException>(() => pages.TrackWrites()),
            new FailingCall(call, error, (nuint?)command));
        Assert.Equal(reason, refusal!.Reason);
        Assert.Contains(hint, refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((before, 0), (Trackers(), pages.LeaseCount));
        pages.TrackWrites().Dispose();
    }

    [Fact]
    public void A_look_that_fails_forgets_nothing()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        using Pages<ReadWrite> pages = Allocate(4);
        using WriteTracking tracking = pages.TrackWrites();
        pages.Write(2 * s_page, 1);
        During(
            () =>
            {
                Assert.Throws<MemoryPagesException>(() => tracking.TakeWritten());
                Assert.Throws<MemoryPagesException>(() => tracking.TakeWritten(new PageRange[1]));
                Assert.Throws<MemoryPagesException>(() => tracking.CountWrittenBytes());
            },
            new FailingCall(Ioctl, EIO, (nuint)Scan));
        Assert.Equal([PagesOf(2)], tracking.TakeWritten());
    }

    private static int Trackers() =>
        Directory.EnumerateFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true);

    [Fact]
    public void Where_the_system_cannot_tell_it_says_what_is_missing()
    {
        Assert.SkipWhen(WriteTracking.IsSupported, "This system tells it.");
        using Pages<ReadWrite> pages = Pages.Allocate(s_page);
        MemoryPagesException refusal = Assert.Throws<MemoryPagesException>(() => pages.TrackWrites());
        Assert.True(refusal.Reason is ErrorReason.NotSupported or ErrorReason.AccessDenied);
        Assert.Matches("Linux 6.7|userfaultfd", refusal.Message);
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void Windows_tells_it_of_memory_that_was_allocated_for_it()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux(), "Linux tells it of all memory.");
        using Pages<ReadWrite> pages = Pages.Allocate(s_page);
        MemoryPagesException refusal = Assert.Throws<MemoryPagesException>(() => pages.TrackWrites());
        Assert.Equal(ErrorReason.NotSupported, refusal.Reason);
        Assert.Contains("WriteTracking", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, pages.LeaseCount);
    }
}
