#pragma warning disable MP1001 // asks what the run time says of spent pages

using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Files;

/// <summary>Access that reports: on every kind of pages, by every way that the system has, at every border.</summary>
public sealed unsafe class FaultSafeTests
{
    private static readonly int s_page = (int)PageSize.Base;
    private static readonly nuint s_fileLength = (nuint)((4 * s_page) + 77);

    /// <summary>How the file is mapped and by which way the kernel copies.</summary>
    public static TheoryData<bool, bool> Ways => new() { { false, false }, { false, true }, { true, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bytes_come_as_far_as_they_are_there(bool survives, bool sandboxed) => InSandbox(sandboxed, () =>
    {
        TempFolder.SkipUnlessFilesShrink();
        using var file = new TempFile(s_fileLength);
        byte[] content = file.Content;
        (int Left, int There)[] cuts =
            [(content.Length, content.Length), ((2 * s_page) + 5, 3 * s_page), (2 * s_page, 2 * s_page), (1, s_page), (0, 0)];
        foreach ((int left, int there) in cuts)
        {
            // Again from the beginning for each part: zeros that replaced something stay.
            foreach ((int offset, int length) in Parts(content.Length))
            {
                File.WriteAllBytes(file.Path, content);
                using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { SurviveTruncation = survives });
                file.Resize((nuint)left);
                byte[] expected = content[..left];
                Array.Resize(ref expected, content.Length);
                byte[] copy = new byte[length];

                int count = Math.Clamp(there - offset, 0, length);
                Assert.Equal(count == length, pages.TryCopyTo((nuint)offset, copy, out int copied));
                Assert.Equal(count, copied);
                Assert.Equal(expected[offset..(offset + count)], copy[..count]);
                Assert.Equal(new PageRange((nuint)offset, (nuint)count), pages.Probe(new PageRange((nuint)offset, (nuint)length)));

                copy.AsSpan().Fill(0xEE);
                Assert.Equal(count == length, pages.TryCopyFrom((nuint)offset, copy, out copied));
                Assert.Equal(count, copied);
                int inFile = Math.Clamp(left - offset, 0, count);
                Assert.Equal(copy[..inFile], file.Content[Math.Min(offset, left)..(Math.Min(offset, left) + inFile)]);
                Assert.Equal(left, file.Content.Length);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Ways))]
    public void Values_come_whole_or_not_at_all(bool survives, bool sandboxed) => InSandbox(sandboxed, () =>
    {
        TempFolder.SkipUnlessFilesShrink();
        using var file = new TempFile((nuint)(2 * s_page));
        long across = BitConverter.ToInt64(file.Content, s_page - 4);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { SurviveTruncation = survives });
        using Pages<ReadOnly> readOnly = Pages.Map(file.Path, new() { SurviveTruncation = survives });
        Assert.True(pages.TryRead((nuint)s_page - 4, out long value) && value == across);
        Assert.True(pages.TryWrite((nuint)s_page - 4, across + 1));
        Assert.True(readOnly.TryRead((nuint)s_page - 4, out value) && value == across + 1);

        file.Resize((nuint)s_page);
        Assert.False(pages.TryRead((nuint)s_page - 4, out value) || value != 0);
        Assert.False(readOnly.TryRead((nuint)s_page - 4, out value) || value != 0);
        Assert.False(pages.TryWrite((nuint)s_page - 4, 7L));
        Assert.True(readOnly.TryRead((nuint)s_page - 8, out long last));
        Assert.NotEqual(0, last);

        using Pages<WriteOnly> writeOnly = pages.DenyRead();
        Assert.True(writeOnly.TryWrite(8, 5));
        Assert.False(writeOnly.TryWrite((nuint)s_page, 5));
        Assert.True(readOnly.TryRead(8, out int written) && written == 5);
    });

    [Fact]
    public void The_end_of_a_terabyte_is_found_without_reading_it()
    {
        TempFolder.SkipUnlessFilesShrink();
        using var file = TempFile.Sparse((nuint)1 << 40);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        nuint end = ((nuint)123_456_789 * (nuint)s_page) + 1;
        file.Resize(end);
        Assert.Equal(new PageRange(0, end - 1 + (nuint)s_page), pages.Probe());
        Assert.InRange(SystemMap.At((nuint)pages.DangerousPointer())!.Bytes("Rss"), 1u, 1u << 28); // what the system reads ahead around each question
        Assert.Equal(new PageRange(end + 50, (nuint)s_page - 51), pages.Probe(new PageRange(end + 50, (nuint)1 << 30)));
        Assert.Equal(0u, pages.Probe(new PageRange(end - 1 + (nuint)s_page, 1)).Length);
        Assert.Equal(new PageRange(7, 0), pages.Probe(new PageRange(7, 0)));
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void Memory_without_a_file_is_all_there()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(3 * PageSize.Base);
        Assert.True(pages.TryCopyFrom(5, [1, 2, 3], out int copied) && copied == 3);
        Span<byte> bytes = stackalloc byte[4];
        Assert.True(pages.TryCopyTo(4, bytes, out copied) && copied == 4);
        Assert.Equal([0, 1, 2, 3], bytes.ToArray());
        Assert.True(pages.TryCopyTo(pages.Length, [], out copied) && copied == 0);
        Assert.Equal(pages.Length, pages.Probe().Length);
        using Pages<ReadExecute> code = pages.AllowExecuteDenyWrite();
        Assert.True(code.TryRead(5, out ushort value) && value == 0x0201);
    }

    /// <summary>A guard is not a file's end, and an access to it would end the process all the same.</summary>
    [Fact]
    public void Guards_are_reported()
    {
        Assert.SkipUnless(UncheckedAdvice.GuardInstall.IsSupported, "This kernel has no MADV_GUARD_INSTALL.");
        using Pages<ReadWrite> pages = Pages.Allocate(8 * PageSize.Base);
        pages.DangerousAdvise(UncheckedAdvice.GuardInstall, new PageRange(6 * PageSize.Base, 2 * PageSize.Base));
        byte[] copy = new byte[pages.Length];
        Assert.False(pages.TryCopyTo(0, copy, out int copied));
        Assert.Equal(6 * s_page, copied);
        Assert.False(pages.TryCopyFrom(0, copy, out copied));
        Assert.Equal(6 * s_page, copied);
        Assert.Equal(6 * PageSize.Base, pages.Probe().Length);
    }

    [Fact]
    public void Without_descriptors_the_second_way_says_so()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using Pages<ReadWrite> pages = Pages.Allocate(PageSize.Base);
        byte[] copy = new byte[100];
        FailingCall[] none =
        [
            new(SystemCallFailure.ProcessVmReadv, SystemCallFailure.EPERM), new(SystemCallFailure.ProcessVmWritev, SystemCallFailure.EPERM),
            new(SystemCallFailure.Pipe2, SystemCallFailure.EMFILE),
        ];
        SystemCallFailure.During(
            () =>
            {
                var refused = Assert.Throws<MemoryPagesException>(() => pages.TryCopyTo(0, copy, out _));
                Assert.Equal(("TryCopyTo", "pipe2", "EMFILE"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                Assert.Contains("RLIMIT_NOFILE", refused.Hint);
                refused = Assert.Throws<MemoryPagesException>(() => pages.TryCopyFrom(0, copy, out _));
                Assert.Equal(("TryCopyFrom", "pipe2", "EMFILE"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                Assert.Equal(0, pages.LeaseCount);
            },
            none);
    }

    [Fact]
    public void The_second_way_leaves_no_descriptor_behind() => InSandbox(true, () =>
    {
        using var file = new TempFile((nuint)(3 * s_page));
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        file.Resize((nuint)s_page);
        byte[] copy = new byte[3 * s_page];
        HashSet<string> before = Pipes();
        for (int i = 0; i < 20; i++)
        {
            Assert.False(pages.TryCopyTo(0, copy, out _) || pages.TryCopyFrom(0, copy, out _));
        }

        // Other threads' pipes come and go: ten times two left behind would be more than those.
        Assert.InRange(Pipes().Except(before).Count(), 0, 9);
        static HashSet<string> Pipes() =>
            [.. new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Select(d => d.LinkTarget ?? "").Where(target => target.StartsWith("pipe:"))];
    });

    [Fact]
    public void What_lies_outside_is_refused_and_nothing_is_leased()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(PageSize.Base);
        byte[] copy = new byte[2];
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TryCopyTo(PageSize.Base - 1, copy, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TryCopyTo(nuint.MaxValue, copy, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TryCopyFrom(PageSize.Base, copy, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TryRead(PageSize.Base - 3, out int _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.TryWrite(PageSize.Base - 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Probe(new PageRange(1, PageSize.Base)));
        Assert.Equal(0, pages.LeaseCount);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pages.TryCopyTo(0, copy, out _));
        Assert.Throws<ObjectDisposedException>(() => pages.Probe());
    }

    /// <summary>Borders of pages, of the file, of what is left of it, and parts across them.</summary>
    private static IEnumerable<(int Offset, int Length)> Parts(int length)
    {
        int[] borders = [0, 1, s_page - 1, s_page, (2 * s_page) + 5, (3 * s_page) - 1, 3 * s_page, (4 * s_page) + 76, length];
        return from start in borders from end in borders where end > start select (start, end - start);
    }

    /// <summary>Where process_vm_readv and process_vm_writev are forbidden, as containers forbid them.</summary>
    private static void InSandbox(bool sandboxed, Action code)
    {
        Assert.SkipUnless(!sandboxed || SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        if (sandboxed)
        {
            SystemCallFailure.During(
                code,
                new(SystemCallFailure.ProcessVmReadv, SystemCallFailure.EPERM),
                new(SystemCallFailure.ProcessVmWritev, SystemCallFailure.EPERM));
        }
        else
        {
            code();
        }
    }
}
