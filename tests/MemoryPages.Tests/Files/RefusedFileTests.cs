#pragma warning disable MP1007 // mappings are refused on purpose: there is nothing to dispose

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Every native call that mapping a file makes, refused in turn: it is told, nothing is open and nothing is mapped.</summary>
[SupportedOSPlatform("linux")]
public sealed class RefusedFileTests
{
    private const int Fstatfs = 138;
    private const int Openat = 257;
    private const int Statx = 332;

    private const int ENOENT = 2;
    private const int ENXIO = 6;
    private const int EBADF = 9;
    private const int ENODEV = 19;
    private const int ENOTDIR = 20;
    private const int ETXTBSY = 26;
    private const int EROFS = 30;
    private const int ENAMETOOLONG = 36;
    private const int ELOOP = 40;
    private const int EOVERFLOW = 75;

    /// <summary>The flags with which the library opens to read: O_CLOEXEC, O_NONBLOCK, O_NOCTTY. The runtime's own calls have others.</summary>
    private const int Flags = 0x80900;
    private const int ReadAndWrite = 2;

    private static readonly nuint s_page = PageSize.Base;

    /// <summary>A length that nothing else in the process has.</summary>
    private static readonly nuint s_length = 619 * s_page;

    public RefusedFileTests() => Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");

    public static TheoryData<int, Type, ErrorReason, string> Openings => new()
    {
        { ENOENT, typeof(FileNotFoundException), ErrorReason.NotFound, "" },
        { ENOTDIR, typeof(FileNotFoundException), ErrorReason.NotFound, "" },
        { EACCES, typeof(UnauthorizedAccessException), ErrorReason.AccessDenied, "permissions" },
        { EPERM, typeof(UnauthorizedAccessException), ErrorReason.AccessDenied, "permissions" },
        { EROFS, typeof(UnauthorizedAccessException), ErrorReason.AccessDenied, "mounted read-only" },
        { ETXTBSY, typeof(UnauthorizedAccessException), ErrorReason.AccessDenied, "a program that is running" },
        { EMFILE, typeof(MemoryPagesException), ErrorReason.Other, "RLIMIT_NOFILE" },
        { ENFILE, typeof(MemoryPagesException), ErrorReason.Other, "fs.file-max" },
        { ENOMEM, typeof(MemoryPagesException), ErrorReason.OutOfMemory, "no memory left" },
        { EIO, typeof(MemoryPagesException), ErrorReason.InputOutput, "device behind the file" },
        { ELOOP, typeof(MemoryPagesException), ErrorReason.Other, "in a circle" },
        { ENODEV, typeof(MemoryPagesException), ErrorReason.NotSupported, "not there" },
        { ENAMETOOLONG, typeof(MemoryPagesException), ErrorReason.Other, "4,095 bytes" },
    };

    [Theory]
    [MemberData(nameof(Openings))]
    public void A_file_that_cannot_be_opened_is_told_in_the_frameworks_terms(int error, Type type, ErrorReason reason, string hint)
    {
        using var file = new TempFile(100);
        Exception read = AssertNothingLeft(file, () => Pages.Map(file.Path), new FailingCall(Openat, error, ThirdArgument: Flags));
        var toWrite = new FailingCall(Openat, error, ThirdArgument: Flags | ReadAndWrite);
        Exception write = AssertNothingLeft(file, () => Pages.MapShared(file.Path), toWrite);
        foreach ((Exception thrown, string operation) in new[] { (read, "Map"), (write, "MapShared") })
        {
            Assert.IsType(type, thrown);
            MemoryPagesException told = thrown as MemoryPagesException ?? Assert.IsType<MemoryPagesException>(thrown.InnerException);
            Assert.Equal((operation, "open", error, reason), (told.Operation, told.NativeCall, told.ErrorCode, told.Reason));
            Assert.Equal(hint.Length == 0, told.Hint is null);
            Assert.Contains(hint, told.Hint ?? "");
            Assert.Contains(file.Path, thrown.Message);
        }
    }

    public static TheoryData<int, int, ErrorReason, string> Mappings => new()
    {
        { Statx, EBADF, ErrorReason.Other, "somebody closed it" },
        { Statx, EIO, ErrorReason.InputOutput, "device behind" },
        { Statx, ENOMEM, ErrorReason.OutOfMemory, "no memory left" },
        { Mmap, EACCES, ErrorReason.AccessDenied, "must be open for reading" },
        { Mmap, EPERM, ErrorReason.Sealed, "sealed" },
        { Mmap, ENOMEM, ErrorReason.OutOfMemory, "promise" },
        { Mmap, ENODEV, ErrorReason.NotSupported, "does not map files" },
        { Mmap, ENFILE, ErrorReason.Other, "fs.file-max" },
        { Mmap, EAGAIN, ErrorReason.Other, "locked" },
        { Mmap, EOVERFLOW, ErrorReason.Other, "file offset" },
        { Madvise, EFAULT, ErrorReason.Unbacked, "nothing behind it" },
        { Madvise, ENOMEM, ErrorReason.OutOfMemory, "" },
    };

    [Theory]
    [MemberData(nameof(Mappings))]
    public void A_file_that_cannot_be_mapped_is_closed_again_and_not_mapped(int call, int error, ErrorReason reason, string hint)
    {
        using var file = TempFile.Sparse(s_length);
        using SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var options = new FileMapOptions { Populate = true };
        var failing = new FailingCall(call, error, call == Statx ? null : s_length);
        foreach (Action map in (Action[])
            [() => Pages.Map(handle, options), () => Pages.MapShared(handle, options), () => Pages.MapCopyOnWrite(handle, options)])
        {
            Told(Assert.Throws<MemoryPagesException>(() => During(map, failing)));
            Assert.False(IsMapped(file.Path));
            Assert.False(handle.IsClosed);
        }

        handle.Dispose();
        Told(AssertNothingLeft(file, () => Pages.Map(file.Path, options), failing));
        Told(AssertNothingLeft(file, () => Pages.MapShared(file.Path, options), failing));
        Told(AssertNothingLeft(file, () => Pages.MapCopyOnWrite(file.Path, options), failing));

        void Told(Exception thrown)
        {
            var told = Assert.IsType<MemoryPagesException>(thrown);
            Assert.Equal((reason, error), (told.Reason, told.ErrorCode));
            Assert.Contains(hint, told.Hint);
        }
    }

    [Fact]
    public void What_keeps_its_memory_or_has_none_at_a_place_is_told_of_devices()
    {
        var options = new FileMapOptions { Length = s_length };
        foreach ((int error, ErrorReason reason, string hint) in new[]
        {
            (EPERM, ErrorReason.AccessDenied, "to itself"), (EINVAL, ErrorReason.NotSupported, "driver"),
            (ENXIO, ErrorReason.NotSupported, "nothing at this offset"),
        })
        {
            var failing = new FailingCall(Mmap, error, s_length);
            var told = Assert.Throws<MemoryPagesException>(() => During(() => Pages.Map("/dev/zero", options), failing));
            Assert.Equal(reason, told.Reason);
            Assert.Contains(hint, told.Hint);
        }
    }

    [Fact]
    public void An_empty_file_whose_file_system_cannot_be_asked_is_refused()
    {
        using var file = new TempFile(0);
        var told = Assert.IsType<MemoryPagesException>(AssertNothingLeft(file, () => Pages.Map(file.Path), new FailingCall(Fstatfs, EIO)));
        Assert.Equal(("fstatfs", ErrorReason.InputOutput), (told.NativeCall, told.Reason));
    }

    /// <summary>What a file under another program's lease says to who will not wait: then it is waited for.</summary>
    [Fact]
    public void A_lease_of_another_program_is_waited_for()
    {
        using var file = new TempFile(100);
        During(() => Pages.Map(file.Path).Dispose(), new FailingCall(Openat, EAGAIN, ThirdArgument: Flags));
        using (SafeFileHandle leased = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite))
        {
            int descriptor = (int)leased.DangerousGetHandle();

            // The holder is told that somebody wants the file by a signal, which ends a process that does not expect it.
            using var giveUp = PosixSignalRegistration.Create((PosixSignal)Kernel.LeaseSignal, signal =>
            {
                signal.Cancel = true;
                _ = Kernel.ControlLease(descriptor, Kernel.SetLease, Kernel.Unlease);
            });
            Assert.SkipUnless(Kernel.ControlLease(descriptor, Kernel.SetLease, Kernel.WriteLease) == 0, "This file system has no leases.");
            using Pages<ReadOnly> pages = Pages.Map(file.Path);
            Assert.Equal(Pattern.At(50), pages.Read<byte>(50));
        }
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused_before_it_is_cut()
    {
        string path = Path.GetTempPath() + string.Join('/', Enumerable.Repeat("ä", 1500));
        var told = Assert.Throws<MemoryPagesException>(() => Pages.Map(path));
        Assert.Equal(("open", "ENAMETOOLONG"), (told.NativeCall, told.ErrorSymbol));
    }

    [Fact]
    public void What_is_mounted_read_only_can_be_read_and_copied_but_not_written()
    {
        using var mounted = new MountedFileSystem("size=1m");
        string path = mounted.Write("file", [1, 2, 3]);
        mounted.MakeReadOnly();
        Assert.Contains("mounted read-only", Assert.Throws<UnauthorizedAccessException>(() => Pages.MapShared(path)).Message);
        using Pages<ReadOnly> pages = Pages.Map(path);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(path);
        copy.Write(0, (byte)9);
        Assert.Equal((1, 9), (pages.Read<byte>(0), copy.Read<byte>(0)));
    }

    [Fact]
    public void A_program_that_runs_is_not_mapped_to_be_changed()
    {
        string program = new FileInfo(Needed.File("/proc/self/exe")).LinkTarget!;
        Assert.SkipUnless(Kernel.IsRoot, "The program is root's: without being root, the error is another.");
        Assert.Contains("running", Assert.Throws<UnauthorizedAccessException>(() => Pages.MapShared(program)).Message);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(program);
        copy.Write(0, 0);
    }

    private static Exception AssertNothingLeft(TempFile file, Action map, params FailingCall[] failing)
    {
        Exception thrown = Assert.ThrowsAny<Exception>(() => During(map, failing));
        Assert.False(IsMapped(file.Path));
        Assert.False(IsOpen(file.Path));
        return thrown;
    }
}
