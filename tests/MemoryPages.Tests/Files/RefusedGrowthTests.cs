#pragma warning disable MP1007 // mappings are refused on purpose: there is nothing to dispose

using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>
/// Each call on the way to a longer file is refused in turn: file, space and pages are as they were, and the error says what to do.
/// </summary>
public sealed unsafe class RefusedGrowthTests : IDisposable
{
    private const string NeedsSeccomp = "Refusing calls takes seccomp on x86-64 Linux.";
    private const int DuplicateDescriptor = 1030;
    private static readonly nuint s_page = PageSize.Base;
    private static readonly nuint s_length = 857 * s_page;
    private static readonly nuint s_larger = 1723 * s_page;
    private readonly TempFolder _folder = new();

    public static TheoryData<int, ErrorReason> Errors => new()
    {
        { ENOSPC, ErrorReason.NoSpace },
        { EDQUOT, ErrorReason.NoSpace },
        { EFBIG, ErrorReason.FileSizeLimit },
        { EROFS, ErrorReason.AccessDenied },
        { EPERM, ErrorReason.AccessDenied },
        { EIO, ErrorReason.InputOutput },
    };

    private static FailingCall NoSuchAllocation => new(Fallocate, EOPNOTSUPP, 0);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Errors))]
    public void Refused_space_is_told_and_changes_nothing(int error, ErrorReason reason) =>
        AssertNothingChanges(FileSpace.Allocated, "fallocate", error, reason, new FailingCall(Fallocate, error, 0));

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_refused_length_is_told_and_changes_nothing(int error, ErrorReason reason) =>
        AssertNothingChanges(FileSpace.Sparse, "ftruncate", error, reason, new FailingCall(Ftruncate, error, s_larger));

    [Theory]
    [InlineData(ENOSPC, ErrorReason.NoSpace)]
    [InlineData(EIO, ErrorReason.InputOutput)]
    public void Zeros_that_cannot_be_written_are_told_and_change_nothing(int error, ErrorReason reason) =>
        AssertNothingChanges(FileSpace.Allocated, "pwrite", error, reason, NoSuchAllocation, new FailingCall(Pwrite, error));

    [Theory]
    [InlineData(ENOSPC, ErrorReason.NoSpace)] // as network file systems say it
    [InlineData(EIO, ErrorReason.InputOutput)]
    public void Zeros_that_do_not_reach_the_device_are_told_and_change_nothing(int error, ErrorReason reason) =>
        AssertNothingChanges(FileSpace.Allocated, "fdatasync", error, reason, NoSuchAllocation, new FailingCall(Fdatasync, error));

    [Fact]
    public void Refused_addresses_are_told_and_change_nothing()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        FailingCall[] failing = [new(Mmap, ENOMEM, s_larger), new(Mmap, ENOMEM, s_larger + ((nuint)1 << 30))];
        Assert.Equal("mmap", Assert.Throws<MemoryPagesException>(() => During(() => Pages.MapShared(_folder.File, s_larger), failing)).NativeCall);
        Assert.False(File.Exists(_folder.File));

        // Without the second rule only the room is refused: the pages do without.
        During(() => Pages.MapShared(_folder.File, s_larger).Dispose(), failing[1]);
        Assert.Equal((long)s_larger, new FileInfo(_folder.File).Length);
    }

    [Fact]
    public void A_refused_move_sets_the_file_back()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using Pages<ReadWrite> pages = Filled(FileSpace.Allocated);
        nuint address = (nuint)pages.DangerousPointer();
        SystemMap region = SystemMap.At(address)!;
        nuint beyond = region.End - region.Start + s_page;
        long space = Kernel.AllocatedBytes(_folder.File);
        Assert.SkipUnless(new DriveInfo(_folder.Path).AvailableFreeSpace > 2 * (long)beyond, "There is not enough room here to allocate more than the pages have addresses for.");

        var told = Assert.Throws<MemoryPagesException>(() => During(() => pages.Resize(beyond, mayMove: true), new FailingCall(Mremap, ENOMEM)));

        Assert.Equal("mremap", told.NativeCall);
        Assert.Equal(address, (nuint)pages.DangerousPointer());
        AssertAsBefore(pages, space);
    }

    [Fact]
    public void A_refused_handle_is_told()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        File.WriteAllBytes(_folder.File, Pattern.Bytes(s_page));
        using SafeFileHandle file = File.OpenHandle(_folder.File, FileMode.Open, FileAccess.ReadWrite);
        var told = Assert.Throws<MemoryPagesException>(() => During(() => Pages.MapShared(file, 2 * s_page), new FailingCall(Fcntl, EMFILE, DuplicateDescriptor)));
        Assert.Equal(("fcntl", "EMFILE"), (told.NativeCall, told.ErrorSymbol));
        Assert.Contains("RLIMIT_NOFILE", told.Hint);
        Assert.Equal(s_page, (nuint)RandomAccess.GetLength(file));
    }

    [Fact]
    public void Where_the_file_system_cannot_allocate_zeros_are_written_behind_the_end()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        foreach (int error in new[] { EOPNOTSUPP, ENOSYS })
        {
            File.WriteAllBytes(_folder.File, Pattern.Bytes(s_page + 5));
            During(
                () =>
                {
                    using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_length);
                    AssertAllocated(pages, s_page + 5);
                    pages.Resize(s_larger + 3);
                    AssertAllocated(pages, s_page + 5);
                },
                new FailingCall(Fallocate, error, 0));
            File.Delete(_folder.File);
        }

        void AssertAllocated(Pages<ReadWrite> pages, nuint content)
        {
            Assert.Equal((long)pages.Length, new FileInfo(_folder.File).Length);
            Assert.InRange(Kernel.AllocatedBytes(_folder.File), (long)pages.Length, long.MaxValue);
            byte[] expected = new byte[pages.Length];
            Pattern.Bytes(content).CopyTo(expected, 0);
            Assert.Equal(expected, File.ReadAllBytes(_folder.File));
        }
    }

    /// <summary>Filling them would be reading zeros and writing zeros, over what another process writes in between.</summary>
    [Fact]
    public void Holes_that_cannot_be_allocated_are_refused_with_a_hint_and_the_position_of_the_file_stays()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using (FileStream stream = File.Create(_folder.File))
        {
            stream.SetLength(100 * (long)s_page);
            stream.Position = 50 * (long)s_page;
            stream.WriteByte(9);
        }

        long space = Kernel.AllocatedBytes(_folder.File);
        using SafeFileHandle file = File.OpenHandle(_folder.File, FileMode.Open, FileAccess.ReadWrite);
        var told = Assert.Throws<MemoryPagesException>(() => During(() => Pages.MapShared(file, 200 * s_page), NoSuchAllocation));
        Assert.Equal((ErrorReason.NotSupported, "fallocate", "EOPNOTSUPP"), (told.Reason, told.NativeCall, told.ErrorSymbol));
        Assert.Contains("FileSpace.Sparse", told.Hint);
        Assert.Equal((100 * (long)s_page, space), (new FileInfo(_folder.File).Length, Kernel.AllocatedBytes(_folder.File)));
        Assert.Contains("pos:\t0\n", File.ReadAllText(Needed.File($"/proc/self/fdinfo/{file.DangerousGetHandle()}")));

        During(() => Pages.MapShared(file, 200 * s_page, new() { Space = FileSpace.Sparse }).Dispose(), NoSuchAllocation);
        Assert.Equal(200 * (long)s_page, new FileInfo(_folder.File).Length);
    }

    [Fact]
    public void A_call_that_a_signal_interrupts_is_made_again()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        string[] launcher = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fallocate,ftruncate", "-e", "inject=fallocate:error=EINTR:when=1..3"];
        ScenarioResult result = Scenario.RunUnder(launcher, "GrowAndShrink", _folder.File);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>A new file, an existing one, and one that is mapped already.</summary>
    private void AssertNothingChanges(FileSpace space, string call, int error, ErrorReason reason, params FailingCall[] failing)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        AssertTold("MapShared", Assert.Throws<MemoryPagesException>(
            () => During(() => Pages.MapShared(_folder.File, s_larger, new() { Space = space }), failing)));
        Assert.False(File.Exists(_folder.File));

        using Pages<ReadWrite> pages = Filled(space);
        nuint address = (nuint)pages.DangerousPointer();
        long allocated = Kernel.AllocatedBytes(_folder.File);
        AssertTold("MapShared", Assert.Throws<MemoryPagesException>(
            () => During(() => Pages.MapShared(_folder.File, s_larger, new() { Space = space }), failing)));
        AssertAsBefore(pages, allocated);
        AssertTold("Resize", Assert.Throws<MemoryPagesException>(() => During(() => pages.Resize(s_larger), failing)));
        Assert.Equal(address, (nuint)pages.DangerousPointer());
        AssertAsBefore(pages, allocated);

        pages.Resize(s_larger); // and what was refused once is done once it is not
        Assert.Equal((long)s_larger, new FileInfo(_folder.File).Length);

        void AssertTold(string operation, MemoryPagesException told)
        {
            Assert.Equal((operation, call, error, reason, s_larger), (told.Operation, told.NativeCall, told.ErrorCode, told.Reason, told.Size));
            Assert.NotNull(told.Hint);
            Assert.DoesNotContain("errno", told.Message);
        }
    }

    /// <summary>On the device, so that its space does not change any more by itself.</summary>
    private Pages<ReadWrite> Filled(FileSpace space)
    {
        Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_length, new() { Space = space });
        Pattern.Fill(pages);
        pages.Flush();
        return pages;
    }

    private void AssertAsBefore(Pages<ReadWrite> pages, long allocated)
    {
        Assert.Equal((s_length, (long)s_length), (pages.Length, new FileInfo(_folder.File).Length));
        Assert.InRange(Kernel.AllocatedBytes(_folder.File), allocated, allocated + (long)s_page); // a block of the file system's index may stay
        Assert.Equal(0, pages.LeaseCount);
        Pattern.AssertKept(pages);
        Assert.Equal(1, new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Count(descriptor => descriptor.LinkTarget == _folder.File));
    }
}
