using System.Text.RegularExpressions;
using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>What each level of a flush has the system do, and that nothing else flushes.</summary>
public sealed unsafe partial class FlushTests : IDisposable
{
    private static readonly nuint s_page = PageSize.Base;

    /// <summary>So far apart that the kernel keeps no two of them as one large page.</summary>
    private static readonly nuint s_far = 16 << 20;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Levels_are_the_systems_calls_and_durable_adds_what_is_new_about_length_and_name()
    {
        const string Calls = "msync,sync_file_range,fdatasync,fsync";
        nuint address = 0;
        string[] calls = Trace(Calls, ["FlushLevels", _folder.File], output => address = nuint.Parse(output));
        const string File = "FILE";
        string part = $"{s_page}, {2 * s_page}"; // the pages that hold the range
        string Sync(nuint offset, nuint pages) => $"msync(0x{address + offset:x}, {pages * s_page}, MS_SYNC) = 0";
        Assert.Equal(
        [
            $"sync_file_range({File}, {part}, SYNC_FILE_RANGE_WRITE) = 0",
            $"sync_file_range({File}, {part}, SYNC_FILE_RANGE_WAIT_BEFORE|SYNC_FILE_RANGE_WRITE|SYNC_FILE_RANGE_WAIT_AFTER) = 0",
            Sync(s_page, 2), $"fdatasync({File}) = 0", "fsync(FOLDER) = 0", // the first one: length and name are new
            Sync(0, 4),
            Sync(s_page, 2), $"fdatasync({File}) = 0",                       // after the file has grown
            Sync(s_page, 2),
        ], calls[..9]);

        // Pages that keep no file open; and then neither disposing nor ending flushes.
        Assert.Equal(2, calls.Length - 9);
        Assert.EndsWith($", {2 * s_page}, MS_ASYNC) = 0", calls[9]);
        Assert.EndsWith($", {2 * s_page}, MS_SYNC) = 0", calls[10]);
    }

    /// <summary>
    /// The framework asks for as many bytes as the view has, but from the start of its first page: what is behind that in the last one is missed.
    /// </summary>
    [Fact]
    public void The_frameworks_flush_misses_a_page_and_this_one_does_not()
    {
        using var file = new TempFile(3 * s_page);
        string[] calls = Trace("msync", ["FlushBesideFramework", file.Path, $"{s_page}"], _ => { });
        Assert.SkipWhen(calls[0].Contains($", {2 * s_page}, MS_SYNC"), "This framework has been mended.");
        Assert.Contains($", {s_page}, MS_SYNC", calls[0]);
        Assert.EndsWith($", {2 * s_page}, MS_SYNC) = 0", calls[^1]);
    }

    [Fact]
    public void What_the_framework_misses_stays_dirty()
    {
        using TempFile file = TempFile.Sparse((nuint)s_far + s_page);
        ScenarioResult result = Scenario.Run("FlushBesideFramework", file.Path, $"{s_far}");
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] dirty = result.Output.Split('\n');
        Assert.SkipWhen(dirty[0] == "0", "This framework has been mended, or the temporary folder is not on a device.");
        Assert.Equal($"{s_page}", dirty[0]);
        Assert.Equal("0", dirty[1]);
    }

    [Fact]
    public void A_flushed_part_is_clean_and_the_rest_stays_dirty()
    {
        using TempFile file = TempFile.Sparse(3 * s_far);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        Pages<ReadWrite>[] parts = [.. Enumerable.Range(0, 3).Select(i => Pages.MapShared(file.Path, new() { Offset = i * (long)s_far, Length = s_page }))];
        foreach (Pages<ReadWrite> part in parts)
        {
            part.Write(0, 1);
        }

        bool[] dirty = Dirty();
        Assert.SkipWhen(dirty is [true, true, true] && IsInMemory(file.Path), "The temporary folder is not on a device.");
        Assert.Equal([true, true, true], dirty);
        pages.Flush(new PageRange(s_far + 1, 1));
        Assert.Equal([true, false, true], Dirty());
        pages.Flush(level: FlushLevel.ToSystem);
        Assert.Equal([false, false, false], Dirty());
        Array.ForEach(parts, part => part.Dispose());

        bool[] Dirty() => [.. parts.Select(part => SystemMap.At((nuint)part.DangerousPointer())!.Dirty != 0)];
    }

    [Fact]
    public void Handing_to_the_device_cleans_the_pages_of_a_file_that_is_kept_open()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 3 * s_far, new() { Space = FileSpace.Sparse });
        Assert.SkipWhen(IsInMemory(_folder.File), "The temporary folder is not on a device.");
        pages.Write(0, 1);
        pages.Flush(new PageRange(s_far, 2 * s_far), FlushLevel.ToSystem);
        Assert.NotEqual(0u, SystemMap.At((nuint)pages.DangerousPointer())!.Dirty);
        pages.Flush(new PageRange(1, 1), FlushLevel.ToSystem);
        Assert.Equal(0u, SystemMap.At((nuint)pages.DangerousPointer())!.Dirty);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_level_that_does_not_exist_is_refused(int level)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        Assert.Equal("level", Assert.Throws<ArgumentOutOfRangeException>(() => pages.Flush(level: (FlushLevel)level)).ParamName);
        Assert.Equal("level", Assert.Throws<ArgumentOutOfRangeException>(() => { _ = pages.FlushAsync(null, (FlushLevel)level, TestContext.Current.CancellationToken); }).ParamName);
        Assert.Equal(0, pages.LeaseCount);
    }

    [Theory]
    [InlineData(FlushLevel.Hint, "sync_file_range", SyncFileRange)]
    [InlineData(FlushLevel.ToSystem, "sync_file_range", SyncFileRange)]
    [InlineData(FlushLevel.Durable, "msync", Msync)]
    [InlineData(FlushLevel.Durable, "fdatasync", Fdatasync)]
    [InlineData(FlushLevel.Durable, "fsync", Fsync)]
    public void Whichever_call_fails_is_told_and_asked_again_the_next_time(FlushLevel level, string call, int number)
    {
        Assert.SkipUnless(IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        for (int i = 0; i < 2; i++)
        {
            var told = Assert.Throws<MemoryPagesException>(() => During(() => pages.Flush(null, level), new FailingCall(number, EIO)));
            Assert.Equal(("Flush", call, "EIO", ErrorReason.InputOutput), (told.Operation, told.NativeCall, told.ErrorSymbol, told.Reason));
            Assert.Contains("may be lost", told.Hint);
        }

        pages.Flush(null, level);
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_sandbox_without_sync_file_range_gets_what_is_more()
    {
        Assert.SkipUnless(IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page);
        During(() => pages.Flush(level: FlushLevel.ToSystem), new FailingCall(SyncFileRange, ENOSYS));
        Assert.Equal("msync", Assert.Throws<MemoryPagesException>(() => During(
            () => pages.Flush(level: FlushLevel.ToSystem), new FailingCall(SyncFileRange, ENOSYS), new FailingCall(Msync, EIO))).NativeCall);
    }

    [Fact]
    public void A_flush_that_does_not_fit_on_the_disk_is_said()
    {
        Assert.SkipUnless(IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, s_page, new() { Space = FileSpace.Sparse });
        var told = Assert.Throws<MemoryPagesException>(() => During(() => pages.Flush(), new FailingCall(Msync, ENOSPC)));
        Assert.Equal(ErrorReason.NoSpace, told.Reason);
        Assert.Contains("may be lost", told.Hint);
    }

    private static bool IsInMemory(string path) => new DriveInfo(path).DriveFormat is "tmpfs" or "ramfs";

    /// <summary>The calls that a scenario makes, without what is not the same each time.</summary>
    private string[] Trace(string calls, string[] scenario, Action<string> read)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        using var trace = new TempFile(0);
        ScenarioResult result = Scenario.RunUnder(["strace", "-f", "-qq", "-y", "-e", "trace=" + calls, "-o", trace.Path], scenario[0], scenario[1..]);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());
        read(result.Output);
        return [.. File.ReadLines(trace.Path).Select(line => Call().Match(line)).Where(match => match.Success).Select(match =>
            Descriptor().Replace(match.Groups[1].Value, file => file.Groups[1].Value == _folder.Path ? "FOLDER" : "FILE") + " = " + match.Groups[2].Value)];
    }

    /// <summary>The number of the thread, the call, and what it returned.</summary>
    [GeneratedRegex(@"^\d+ +(\w+\(.*\)) += (.*)$")]
    private static partial Regex Call();

    [GeneratedRegex("[0-9]+<([^>]*)>")]
    private static partial Regex Descriptor();
}
