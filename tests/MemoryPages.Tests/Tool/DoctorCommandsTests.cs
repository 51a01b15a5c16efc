using System.Diagnostics;
using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Commands;

/// <summary>What the doctor prints is typed into a shell as it stands: the finding changes. Every setting is put back.</summary>
public sealed class DoctorCommandsTests
{
    private const string Transparent = "/sys/kernel/mm/transparent_hugepage";

    /// <summary>The pool is never emptied for it: another program may count on its pages.</summary>
    [Fact]
    public void The_command_for_the_pool_adds_a_page()
    {
        string name = $"pool of {HugePagePool.Size >> 20} MiB pages";
        using (new HugePagePool(1))
        {
            // Only to find out whether this user may, and the machine has room.
        }

        DoctorRun before = DoctorRun.Of("huge-pages");
        Assert.SkipWhen(before.Status(name) == "ok", "The pool has pages to give: there is nothing to turn on.");
        long total = before.Number(name, "total");
        Type(before.CommandNow(name));
        try
        {
            DoctorRun after = DoctorRun.Of("huge-pages");
            Assert.Equal(total + 1, after.Number(name, "total"));
            Assert.Equal("ok", after.Status(name));
        }
        finally
        {
            File.WriteAllText($"{HugePagePool.Folder(HugePagePool.Size)}/nr_hugepages", $"{HugePagePool.Counter("nr_hugepages") - 1}");
        }
    }

    [Fact]
    public void The_command_for_pages_beyond_the_pool_allows_them()
    {
        string name = $"{HugePagePool.Size >> 20} MiB pages beyond the pool";
        AssertTurnsOn("huge-pages", name, $"{HugePagePool.Folder(HugePagePool.Size)}/nr_overcommit_hugepages", "0");
    }

    [Fact]
    public void The_command_for_shared_memory_turns_it_on() => AssertTurnsOn("transparent", "shared memory", $"{Transparent}/shmem_enabled", "never");

    [Fact]
    public void The_command_for_a_size_between_turns_it_on()
    {
        DoctorRun before = DoctorRun.Of("transparent");
        string[] off = [.. DoctorRun.CommandsOf(before.Finding("sizes between"))];
        Assert.SkipUnless(off.Length != 0, "This kernel has no sizes between, or has them all on.");
        string file = off[0].Split(" > ")[1];
        using Setting setting = Setting.Of(file, "never");
        Type(off[0]);
        Assert.Contains("[madvise]", File.ReadAllText(file));
        DoctorRun after = DoctorRun.Of("transparent");
        Assert.Equal(off[1..], DoctorRun.CommandsOf(after.Finding("sizes between")));
        Assert.Contains("madvise: ", after.Found("sizes between"));
    }

    [Fact]
    public void The_command_for_locked_pages_holds_them() =>
        AssertTurnsOn("limits", "locked pages stay where they are", "/proc/sys/vm/compact_unevictable_allowed", "1");

    [Fact]
    public void The_command_for_the_limit_of_locked_memory_raises_the_shells()
    {
        Assert.SkipUnless(Kernel.IsRoot, "Only root may raise the limit.");
        string command = DoctorRun.Of("limits", ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "prlimit", "--memlock=65536:65536"])
            .CommandNow("locked memory");
        using Process shell = Process.Start(new ProcessStartInfo("prlimit",
            ["--memlock=65536:65536", "sh", "-c", command + " && ulimit -l"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = shell.StandardOutput.ReadToEnd() + shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.SkipWhen(output.Contains("Operation not permitted"), "This root has no CAP_SYS_RESOURCE: " + output);
        Assert.Equal("unlimited", output.Trim());
    }

    private static void AssertTurnsOn(string section, string name, string file, string off)
    {
        using Setting setting = Setting.Of(file, off);
        DoctorRun before = DoctorRun.Of(section);
        Assert.NotEqual("ok", before.Status(name));
        Type(before.CommandNow(name));
        DoctorRun after = DoctorRun.Of(section);
        Assert.Equal("ok", after.Status(name));
        Assert.NotEqual(before.Found(name), after.Found(name));
    }

    private static void Type(string command)
    {
        using Process shell = Process.Start("sh", ["-c", command]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    /// <summary>A setting of the whole machine, for a moment.</summary>
    private sealed class Setting(string file, string before) : IDisposable
    {
        public static Setting Of(string file, string value)
        {
            Assert.SkipUnless(File.Exists(file), $"This kernel has no {file}.");
            Assert.SkipUnless(Kernel.IsRoot, $"Only root may write {file}.");
            string text = File.ReadAllText(file).Trim();
            int open = text.IndexOf('[');
            string before = open < 0 ? text : text[(open + 1)..text.IndexOf(']')];
            try
            {
                File.WriteAllText(file, value);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                Assert.Skip($"{file} cannot be written here: {refused.Message}");
            }

            return new Setting(file, before);
        }

        public void Dispose() => File.WriteAllText(file, before);
    }
}
