#pragma warning disable MP1001, MP1007 // what ended memory answers, and names that outlive who gave them, are tested
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests.Files;

/// <summary>Shared memory on Windows: sections, which know no seals and keep no names, but have a fixed length and handles with less access.</summary>
[SupportedOSPlatform("windows")]
public sealed class WindowsSharingTests
{
    public WindowsSharingTests() => Assert.SkipUnless(OperatingSystem.IsWindows(), "needs Windows, or Wine");

    [Fact]
    public void It_is_mapped_any_number_of_times_and_outlived_by_its_pages()
    {
        var memory = SharedMemory.Create((2 * Page) + 1, new() { Name = "seen-twice" });
        Assert.Equal((3 * Page, "seen-twice"), (memory.Length, memory.Name));
        using Pages<ReadWrite> one = memory.MapShared();
        using Pages<ReadWrite> two = memory.MapShared(new() { Offset = (long)Page, Length = Page });
        using Pages<ReadOnly> three = memory.Map(new() { Offset = (long)Page + 5 });
        memory.Dispose();
        Assert.Equal((3 * Page, Page, (2 * Page) - 5), (one.Length, two.Length, three.Length));
        Assert.Equal(0, one.Read<int>((3 * Page) - 4));
        two.Write(5, 0x11223344);
        Assert.Equal((0x11223344, 0x11223344), (one.Read<int>(Page + 5), three.Read<int>(0)));
        Assert.Equal(("rw-s", "r--s"), (AccessOf(one), AccessOf(three)));
        one.Flush(level: FlushLevel.Durable); // nothing to write, and no error
        Assert.Throws<ObjectDisposedException>(() => memory.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Map());
    }

    [Fact]
    public void Copies_of_its_pages_stay_private()
    {
        using var memory = SharedMemory.Create(Page);
        using Pages<ReadWrite> shared = memory.MapShared();
        shared.Write(0, 7L);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(memory.Handle);
        copy.Write(0, 8L);
        Assert.Equal((7L, 8L), (shared.Read<long>(0), copy.Read<long>(0)));
    }

    [Fact]
    public void Its_length_is_sealed_and_nothing_else_can_be()
    {
        using var memory = SharedMemory.Create(Page, new() { Seals = SharedMemorySeals.Length });
        Assert.Equal(SharedMemorySeals.Length | SharedMemorySeals.Seal, memory.Seals);
        memory.EnsureSealed();
        memory.AddSeals(SharedMemorySeals.Shrink);
        MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => memory.AddSeals(SharedMemorySeals.FutureWrite));
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("FileAccess.Read", refused.Hint);
        Assert.False(SharedMemory.TryCreate(Page, new() { Seals = SharedMemorySeals.Write }, out _));
    }

    [Fact]
    public void A_child_inherits_it_where_that_is_said()
    {
        using var memory = SharedMemory.Create(2 * Page);
        using Pages<ReadWrite> pages = memory.MapShared();
        pages.Write(0, 41L);
        string number = memory.Descriptor.ToString(CultureInfo.InvariantCulture);
        Assert.False(memory.IsInheritable);
        Assert.NotEqual(0, Scenario.Run("UseInherited", number).ExitCode);
        memory.IsInheritable = true;
        Assert.True(memory.IsInheritable);
        ScenarioResult child = Scenario.Run("UseInherited", number);
        Assert.True(child.ExitCode == 0, child.ToString());
        Assert.Equal($"41 in {2 * Page} bytes", child.Output);
        Assert.Equal(42L, pages.Read<long>(0));
    }

    [Fact]
    public void Another_process_opens_it_by_the_number_that_it_has_here()
    {
        using var memory = SharedMemory.Create(Page);
        using Pages<ReadWrite> pages = memory.MapShared();
        ScenarioResult peer = Scenario.Run(
            "UseOfProcess", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), memory.Descriptor.ToString(CultureInfo.InvariantCulture));
        Assert.True(peer.ExitCode == 0, peer.ToString());
        Assert.Equal(1L, pages.Read<long>(0));
    }

    [Fact]
    public void Who_opens_it_to_read_cannot_write()
    {
        using var memory = SharedMemory.Create(Page);
        using Pages<ReadWrite> pages = memory.MapShared();
        pages.Write(0, 12L);
        using SharedMemory other = SharedMemory.OpenOfProcess(Environment.ProcessId, memory.Descriptor, FileAccess.Read);
        using Pages<ReadOnly> theirs = other.Map();
        Assert.Equal((12L, Page), (theirs.Read<long>(0), other.Length));
        Assert.Equal(ErrorReason.AccessDenied, Assert.Throws<MemoryPagesException>(() => other.MapShared()).Reason);
        Assert.Equal(ErrorReason.AccessDenied, Assert.Throws<MemoryPagesException>(() => theirs.AllowWrite()).Reason);
    }

    [Fact]
    public void What_is_not_there_or_no_memory_is_told()
    {
        using var file = new TempFile(Page);
        using SafeFileHandle onDisk = File.OpenHandle(file.Path, share: FileShare.ReadWrite);
        using var signal = new ManualResetEvent(false);
        int number = (int)signal.SafeWaitHandle.DangerousGetHandle();
        Assert.Throws<InvalidDataException>(() => SharedMemory.FromHandle(onDisk));
        Assert.False(onDisk.IsClosed);
        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenOfProcess(Environment.ProcessId, 0x7FFFFFF0));
        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenOfProcess(0x7FFFFFF0, number));
        Assert.ThrowsAny<Exception>(() => SharedMemory.OpenOfProcess(Environment.ProcessId, number));

        string name = NewName();
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using (MemoryMappedFile.CreateFromFile(stream, name, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true))
        {
            Assert.Throws<InvalidDataException>(() => SharedMemory.OpenNamed(name)); // a file can fail where memory cannot
        }
    }

    [Fact]
    public void Another_process_finds_it_by_its_name_which_ends_with_the_last_that_has_it()
    {
        string name = NewName();
        using (var memory = SharedMemory.CreateNamed(name, Page + 1))
        {
            Assert.Equal((2 * Page, name), (memory.Length, memory.Name));
            using Pages<ReadWrite> pages = memory.MapShared();
            ScenarioResult peer = Scenario.Run("UseNamed", name);
            Assert.True(peer.ExitCode == 0, peer.ToString());
            Assert.Equal(1L, pages.Read<long>(0));

            MemoryPagesException exists = Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, Page, new() { ReplaceUnused = true }));
            Assert.Equal((ErrorReason.AlreadyExists, "CreateFileMapping"), (exists.Reason, exists.NativeCall));
            Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => SharedMemory.RemoveName(name)).Reason);
            using SharedMemory found = SharedMemory.OpenOrCreateNamed(name, 9 * Page);
            using Pages<ReadOnly> theirs = found.Map();
            Assert.Equal((2 * Page, 1L), (found.Length, theirs.Read<long>(0)));
            memory.Dispose();
            using SharedMemory again = SharedMemory.OpenNamed(name); // by another's handle
        }

        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenNamed(name));
        Assert.False(SharedMemory.RemoveName(name));
    }

    [Fact]
    public void Names_that_would_stay_and_names_of_other_things_are_refused()
    {
        string name = NewName();
        MemoryPagesException kept = Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, Page, new() { KeepName = true }));
        Assert.Equal(ErrorReason.NotSupported, kept.Reason);
        Assert.Contains("KeepName", kept.Hint);
        using var signal = new EventWaitHandle(false, EventResetMode.ManualReset, name);
        Assert.Contains("Something else", Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, Page)).Hint);
    }

    [Fact]
    public void Permissions_are_rights_of_the_user_and_of_everyone()
    {
        string name = NewName();
        using (var memory = SharedMemory.CreateNamed(name, Page, new() { Permissions = UnixFileMode.UserRead }))
        {
            using Pages<ReadWrite> pages = memory.MapShared(); // who makes it has it all
            pages.Write(0, 3);
            using SharedMemory reader = SharedMemory.OpenNamed(name, FileAccess.Read);
            using Pages<ReadOnly> read = reader.Map();
            Assert.Equal(3, read.Read<int>(0));
            Assert.Throws<UnauthorizedAccessException>(() => SharedMemory.OpenNamed(name));
        }

        using (SharedMemory.CreateNamed(name, Page, new() { Permissions = UnixFileMode.OtherRead | UnixFileMode.OtherWrite }))
        {
            using SharedMemory everyones = SharedMemory.OpenNamed(name);
        }
    }

    [Fact]
    public void Sockets_do_not_carry_it_and_the_ways_that_there_are_are_told()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var memory = SharedMemory.Create(Page);
        foreach (Action use in (Action[])[() => memory.Send(socket), () => SharedMemory.Receive(socket).Dispose()])
        {
            MemoryPagesException refused = Assert.Throws<MemoryPagesException>(use);
            Assert.Equal(ErrorReason.NotSupported, refused.Reason);
            Assert.Contains("OpenOfProcess", refused.Hint);
        }
    }

    [Fact]
    public void Huge_pages_are_had_or_the_privilege_for_them_is_named()
    {
        Assert.SkipWhen(PageSize.Huge.IsEmpty, "needs large pages: GetLargePageMinimum says 0");
        try
        {
            using var memory = SharedMemory.Create(1, new() { HugePages = HugePages.Explicit(PageSize.Huge[0]) });
            using Pages<ReadWrite> pages = memory.MapShared();
            Assert.Equal((PageSize.Huge[0], PageSize.Huge[0]), (memory.Length, pages.PageSize));
        }
        catch (MemoryPagesException refused)
        {
            Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
        }
    }

    private static string NewName() => "memorypages-test-" + Path.GetRandomFileName();
}
