using System.Diagnostics;
using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>Memory that has a name.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class NamedMemoryTests
{
    /// <summary>Another user, who may read any file, this program in a folder of root's among them, and write none.</summary>
    private static readonly string[] s_another =
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];

    public NamedMemoryTests() => Needed.File("/dev/shm");

    private static readonly nuint s_page = PageSize.Base;

    [Fact]
    public void Another_process_finds_it_by_its_name_and_the_name_ends_with_its_creator()
    {
        string name = NewName();
        using (var memory = SharedMemory.CreateNamed(name, s_page + 1))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At(name)));
            Assert.Equal(2 * s_page, memory.Length);
            using Pages<ReadWrite> pages = memory.MapShared();
            ScenarioResult peer = Scenario.Run("UseNamed", name);
            Assert.True(peer.ExitCode == 0, peer.ToString());
            Assert.Equal($"0 in {2 * s_page} bytes", peer.Output);
            Assert.Equal(1L, pages.Read<long>(0));
            Assert.True(File.Exists(At(name))); // who opens it takes no name away
        }

        Assert.False(File.Exists(At(name)));
        Assert.Throws<FileNotFoundException>(() => SharedMemory.OpenNamed(name));
        Assert.False(SharedMemory.RemoveName(name));
    }

    [Fact]
    public void All_of_its_memory_is_there_from_the_start()
    {
        string name = NewName();
        using var memory = SharedMemory.CreateNamed(name, 64 * s_page);
        Assert.SkipUnless(FileCache.IsSupported, "This kernel does not tell what files take (before Linux 6.5).");
        Assert.Equal(64 * s_page, FileCache.Query(memory.Handle).Cached);
    }

    [Fact]
    public void What_there_is_no_room_for_is_an_error_and_not_a_death_later()
    {
        string name = NewName();
        var room = new DriveInfo(Needed.File("/dev/shm"));
        nuint length = (nuint)(room.TotalSize + (1L << 30));
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, length));
        Assert.Equal((ErrorReason.NoSpace, "fallocate", "ENOSPC"), (told.Reason, told.NativeCall, told.ErrorSymbol));
        Assert.Contains("/dev/shm", told.Hint);
        Assert.False(File.Exists(At(name)));
    }

    [Fact]
    public void A_name_that_exists_is_told_unless_nobody_uses_it_and_that_may_make_way()
    {
        string name = NewName();
        using var first = SharedMemory.CreateNamed(name, s_page, new() { KeepName = true });
        Pages<ReadWrite> pages = first.MapShared();
        pages.Write(0, 5);
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page));
        Assert.Equal((ErrorReason.AlreadyExists, "linkat", "EEXIST"), (told.Reason, told.NativeCall, told.ErrorSymbol));
        Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page, new() { ReplaceUnused = true }));

        first.Dispose(); // still mapped
        Assert.True(File.Exists(At(name)));
        Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page, new() { ReplaceUnused = true }));
        pages.Dispose();
        Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page));
        using (var again = SharedMemory.OpenNamed(name, FileAccess.Read))
        using (Pages<ReadOnly> read = again.Map())
        {
            Assert.Equal(5, read.Read<int>(0)); // kept without a user
        }

        using var second = SharedMemory.CreateNamed(name, s_page, new() { ReplaceUnused = true });
        using Pages<ReadOnly> fresh = second.Map();
        Assert.Equal(0, fresh.Read<int>(0));
    }

    [Fact]
    public void What_a_killed_process_left_is_found_to_be_unused()
    {
        string name = NewName();
        using Process process = Scenario.Start("DieWithName", name);
        Assert.Equal("made", process.StandardOutput.ReadLine());
        Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page, new() { ReplaceUnused = true }));
        process.StandardInput.WriteLine();
        process.WaitForExit();
        Assert.Equal(9, process.ExitCode);
        Assert.True(File.Exists(At(name)));
        using var memory = SharedMemory.CreateNamed(name, s_page, new() { ReplaceUnused = true });
        Assert.Equal(s_page, memory.Length);
    }

    [Fact]
    public void Of_many_that_open_or_make_it_one_makes_it()
    {
        string name = NewName();
        try
        {
            var processes = new List<Process>();
            for (int i = 0; i < 4; i++)
            {
                processes.Add(Scenario.Start("CountInNamed", name));
            }

            foreach (Process process in processes)
            {
                process.WaitForExit();
                Assert.True(process.ExitCode == 0, process.StandardError.ReadToEnd());
                process.Dispose();
            }

            using var memory = SharedMemory.OpenNamed(name);
            using Pages<ReadOnly> pages = memory.Map();
            Assert.Equal(4, pages.Read<int>(0));
        }
        finally
        {
            Assert.True(SharedMemory.RemoveName(name));
        }
    }

    /// <summary>Makers that replace one another and openers that come between never meet half-made or nameless memory.</summary>
    [Fact]
    public async Task Making_replacing_and_opening_at_once_shows_whole_memory_only()
    {
        string name = NewName();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        int opened = 0;
        int made = 0;
        void Make()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var memory = SharedMemory.CreateNamed(name, 3 * s_page, new() { ReplaceUnused = true, KeepName = true });
                    Interlocked.Increment(ref made);
                }
                catch (MemoryPagesException exists) when (exists.Reason == ErrorReason.AlreadyExists)
                {
                }
            }
        }

        void Look()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var memory = SharedMemory.OpenNamed(name);
                    Assert.Equal(3 * s_page, memory.Length);
                    Interlocked.Increment(ref opened);
                }
                catch (FileNotFoundException)
                {
                }
            }
        }

        CancellationToken end = TestContext.Current.CancellationToken;
        await Task.WhenAll(Task.Run(Make, end), Task.Run(Make, end), Task.Run(Look, end), Task.Run(Look, end));
        SharedMemory.RemoveName(name);
        Assert.True(opened > 10 && made > 10, $"{opened} opened, {made} made");
    }

    [Fact]
    public void Disposing_takes_no_name_away_that_means_another_memory_by_now()
    {
        string name = NewName();
        var first = SharedMemory.CreateNamed(name, s_page);
        Assert.True(SharedMemory.RemoveName(name));
        using var second = SharedMemory.CreateNamed(name, s_page);
        first.Dispose();
        Assert.True(File.Exists(At(name)));
    }

    [Fact]
    public void Permissions_are_what_was_said_and_keep_others_out()
    {
        string name = NewName();
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        using (SharedMemory.CreateNamed(name, 1, new() { Permissions = Mode }))
        {
            Assert.Equal(Mode, File.GetUnixFileMode(At(name))); // the umask takes nothing off
        }

        Assert.SkipUnless(Kernel.IsRoot, "Only root can become another user.");
        using (SharedMemory.CreateNamed(name, 1))
        {
            ScenarioResult other = Scenario.RunUnder(s_another, "UseNamed", name);
            Assert.Equal(70, other.ExitCode);
            Assert.Contains(nameof(UnauthorizedAccessException), other.Errors);
        }
    }

    [Fact]
    public void A_name_cannot_be_sealed_and_says_so()
    {
        using var memory = SharedMemory.CreateNamed(NewName(), 1);
        Assert.Throws<InvalidDataException>(() => memory.EnsureSealed());
        Assert.Equal(ErrorReason.Sealed, Assert.Throws<MemoryPagesException>(() => memory.AddSeals(SharedMemorySeals.Length)).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("/a")]
    [InlineData("a\0b")]
    public void What_cannot_be_a_name_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => SharedMemory.CreateNamed(name, 1));
        Assert.Throws<ArgumentException>(() => SharedMemory.OpenNamed(name));
        Assert.Throws<ArgumentException>(() => SharedMemory.OpenOrCreateNamed(name, 1));
        Assert.Throws<ArgumentException>(() => SharedMemory.RemoveName(name));
    }

    [Fact]
    public void Names_as_long_as_they_may_be_work_and_longer_ones_are_told()
    {
        string name = NewName().PadRight(255, 'x');
        using (SharedMemory.CreateNamed(name, 1))
        {
            using var opened = SharedMemory.OpenNamed(name);
        }

        Assert.Contains("255 bytes", Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name + "x", 1)).Hint);
        Assert.Contains("255 bytes", Assert.Throws<MemoryPagesException>(() => SharedMemory.OpenNamed(new string('ö', 128))).Hint);
    }

    [Fact]
    public void Traps_under_a_name_are_not_walked_into()
    {
        string name = NewName();
        using var file = new TempFile(100);
        File.CreateSymbolicLink(At(name), file.Path);
        try
        {
            Assert.Throws<UnauthorizedAccessException>(() => SharedMemory.OpenNamed(name));
            Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, 1, new() { ReplaceUnused = true }));
        }
        finally
        {
            File.Delete(At(name));
        }

        Directory.CreateDirectory(At(name));
        try
        {
            Assert.ThrowsAny<Exception>(() => SharedMemory.OpenNamed(name));
            Assert.Throws<InvalidDataException>(() => SharedMemory.OpenNamed(name, FileAccess.Read));
        }
        finally
        {
            Directory.Delete(At(name));
        }
    }

    [Theory]
    [InlineData("fallocate", Fallocate, ENOSPC)]
    [InlineData("linkat", Linkat, EPERM)]
    [InlineData("flock", Flock, EIO)]
    [InlineData("fchmod", Fchmod, EPERM)]
    public void A_refused_call_leaves_neither_name_nor_descriptor(string call, int number, int error)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        string name = NewName();
        During(
            () =>
            {
                for (int i = 0; i < 10; i++)
                {
                    MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SharedMemory.CreateNamed(name, s_page));
                    Assert.Equal((call, error), (told.NativeCall, told.ErrorCode));
                }
            },
            new FailingCall(number, error));
        Assert.False(File.Exists(At(name)));
        Assert.DoesNotContain(new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles(), file => file.LinkTarget?.StartsWith("/dev/shm/#") == true);
    }

    private static string At(string name) => "/dev/shm/" + name;

    private static string NewName() => "memorypages-test-" + Path.GetRandomFileName();
}
