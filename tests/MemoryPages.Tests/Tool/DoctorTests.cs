using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MemoryPages.Tests.Effects;
using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Commands;

/// <summary>What the doctor says against what the test itself reads, and against limits and users that the test gives it.</summary>
public sealed class DoctorTests
{
    private static readonly string[] s_ordinaryUser = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    [Fact]
    public void Whatever_is_not_there_comes_with_a_command_or_a_reason()
    {
        DoctorRun doctor = DoctorRun.Of();
        doctor.AssertHelps();
        Assert.Equal(["pages", "huge-pages", "transparent", "numa", "devices", "limits", "swap", "privileges", "kernel", "code", "files"],
            doctor.Sections);
    }

    [Fact]
    public void The_pools_are_as_the_kernel_counts_them_before_and_after_one_page_is_added()
    {
        string name = $"pool of {Quantity(HugePagePool.Size)} pages";
        long before = AssertCounted(name);
        using var pool = new HugePagePool(1);
        Assert.Equal(before + 1, AssertCounted(name));
    }

    [Fact]
    public void The_numbers_of_the_machine_are_the_kernels()
    {
        DoctorRun doctor = DoctorRun.Of("pages,limits,swap");
        Assert.Equal((long)PageSize.Base, doctor.Number("page size", "bytes"));
        Assert.Equal(SystemMap.Machine("MemTotal"), doctor.Number("memory", "bytes"));
        Assert.Equal(Setting("vm/max_map_count"), doctor.Number("mappings", "most"));
        Assert.InRange(doctor.Number("mappings", "used"), 10, Setting("vm/max_map_count"));
        Assert.Equal(Setting("vm/overcommit_memory"), doctor.Number("promised memory", "mode"));
        Assert.Equal(Setting("vm/compact_unevictable_allowed"), doctor.Number("locked pages stay where they are", "allowed"));
        Assert.Equal(SystemMap.Machine("SwapTotal"), doctor.Number("swap", "bytes"));
    }

    [Theory]
    [InlineData("65536", "limited")]
    [InlineData("0", "missing")]
    public void A_lowered_limit_of_locked_memory_is_seen(string limit, string status)
    {
        DoctorRun doctor = DoctorRun.Of("limits", [.. WithoutLocking, "prlimit", $"--memlock={limit}:{limit}"]);
        Assert.Equal(long.Parse(limit), doctor.Number("locked memory", "softBytes"));
        Assert.Equal(long.Parse(limit), doctor.Number("locked memory", "hardBytes"));
        Assert.Equal(status, doctor.Status("locked memory"));
        Assert.Contains("prlimit --pid $$ --memlock=unlimited:unlimited", DoctorRun.CommandsOf(doctor.Finding("locked memory")));
    }

    [Fact]
    public void A_soft_limit_below_the_hard_one_can_be_raised_without_root()
    {
        DoctorRun doctor = DoctorRun.Of("limits", [.. WithoutLocking, "prlimit", "--memlock=65536:131072"]);
        JsonElement first = doctor.Finding("locked memory").GetProperty("remedies").EnumerateArray().First();
        Assert.Equal("ulimit -l 128", first.GetProperty("command").GetString());
        Assert.False(first.GetProperty("needsRoot").GetBoolean());
    }

    [Fact]
    public void A_limit_of_addresses_is_seen_and_tried()
    {
        const long Limit = 300L << 30;
        DoctorRun doctor = DoctorRun.Of("limits", ["prlimit", $"--as={Limit}"]);
        Assert.Equal(Limit, doctor.Number("addresses", "limitBytes"));
        Assert.Contains("1 TiB were refused", doctor.Found("addresses"));
        Assert.Equal("limited", doctor.Status("addresses"));
    }

    [Fact]
    public void Root_has_the_privileges_that_take_effect_and_an_ordinary_user_has_not()
    {
        SkipUnlessRoot();
        using var folder = new TempFolder();
        DoctorRun root = DoctorRun.Of("privileges");
        DoctorRun user = DoctorRun.Of(null, s_ordinaryUser, DoctorRun.CopyForAll(folder.Path));
        user.AssertHelps();
        Assert.Equal("root", root.Found("user"));
        Assert.Equal("number 65534", user.Found("user"));
        string[] privileges = [.. root.Findings.Select(finding => finding.GetProperty("name").GetString()!).Where(name => name.Contains("(CAP_"))];
        Assert.Equal(4, privileges.Length);
        Assert.All(privileges, name => Assert.Equal("missing", user.Status(name)));
        Assert.All(privileges, name => Assert.Contains("setcap cap_", user.CommandNow(name)));
        Assert.Equal("ok", root.Status("frame numbers (CAP_SYS_ADMIN)"));
        Assert.Equal("ok", root.Status("locking without limit (CAP_IPC_LOCK)"));
        Assert.Equal(0, user.Number("locked memory", "exempt"));
    }

    [Fact]
    public void A_capability_that_was_taken_away_for_good_is_told_so()
    {
        SkipUnlessRoot();
        DoctorRun doctor = DoctorRun.Of("privileges", ["setpriv", "--bounding-set=-sys_admin,-ipc_lock", "--inh-caps=-sys_admin,-ipc_lock"]);
        Assert.Equal("missing", doctor.Status("frame numbers (CAP_SYS_ADMIN)"));
        Assert.Equal("missing", doctor.Status("locking without limit (CAP_IPC_LOCK)"));
        Assert.Contains("bounding set", DoctorRun.ObstacleOf(doctor.Finding("frame numbers (CAP_SYS_ADMIN)")));
        Assert.Equal("ok", doctor.Status("moving pages of others (CAP_SYS_NICE)"));
    }

    /// <summary>In a user namespace the kernel lists every capability, and grants none of these.</summary>
    [Fact]
    public void A_capability_that_counts_only_within_a_user_namespace_does_not_count()
    {
        const string Unshare = "unshare";
        Assert.SkipUnless(CanRun(Unshare, "--user", "--map-root-user", "true"), "This user may not make a user namespace.");
        DoctorRun doctor = DoctorRun.Of("privileges", [Unshare, "--user", "--map-root-user"]);
        Assert.Equal("root", doctor.Found("user"));
        Assert.Equal("missing", doctor.Status("frame numbers (CAP_SYS_ADMIN)"));
        Assert.Contains("user namespace", doctor.Found("frame numbers (CAP_SYS_ADMIN)"));
        Assert.Equal("missing", doctor.Status("locking without limit (CAP_IPC_LOCK)"));
    }

    [Fact]
    public void Without_sys_it_says_what_it_could_not_read_and_ends_well()
    {
        SkipUnlessRoot();
        DoctorRun doctor = DoctorRun.Of(null, ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /sys && exec \"$@\"", "sh"]);
        doctor.AssertHelps();
        Assert.Equal("not readable: /sys/kernel/mm/hugepages", doctor.Found("pools"));
        Assert.StartsWith("not readable: /sys/kernel/mm/transparent_hugepage/enabled is not there", doctor.Found("mode"));
        Assert.Equal("limited", doctor.Status("pools"));
    }

    [Fact]
    public void Every_advice_is_asked_after_and_the_answer_is_the_librarys()
    {
        DoctorRun doctor = DoctorRun.Of("kernel");
        Assert.All(Enum.GetValues<Advice>(), advice => Assert.Equal(advice.IsSupported ? "ok" : "missing", doctor.Status($"advice {advice}")));
        Assert.All(Enum.GetValues<UncheckedAdvice>(),
            advice => Assert.Equal(advice.IsSupported ? "ok" : "missing", doctor.Status($"advice {advice}")));
        Assert.Equal(Pages.SealingSupported ? "ok" : "missing", doctor.Status("sealed pages"));
        Assert.Equal(Pages.NamesSupported ? "ok" : "missing", doctor.Status("names"));
        Assert.Equal(SecretMemory.HidingSupported ? "ok" : "missing", doctor.Status("hidden memory"));
    }

    [Fact]
    public void Files_are_tried_where_the_user_says_and_nothing_is_left_there()
    {
        using var folder = new TempFolder();
        ScenarioResult result = Scenario.RunProgram([], [], [DoctorRun.Program, "doctor", "--only", "files", "--path", folder.Path]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains(folder.Path, result.Output);
        Assert.Matches("files that shrink +survived", result.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("--only", "no-such-section", "huge-pages")]
    [InlineData("--path", "/no/such/folder", "no folder")]
    public void What_is_not_there_cannot_be_asked_for(string option, string value, string told)
    {
        ScenarioResult result = Scenario.RunProgram([], [], [DoctorRun.Program, "doctor", option, value]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(told, result.Errors);
        Assert.Equal("", result.Output);
    }

    private static string[] WithoutLocking => Kernel.IsRoot ? ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] : [];

    private static void SkipUnlessRoot() => Assert.SkipUnless(Kernel.IsRoot, "Only root can become another user and mount.");

    private static bool CanRun(params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>The counters, read before and after the doctor: another program may change them in between, and then it is asked again.</summary>
    private static long AssertCounted(string name)
    {
        (long Total, long Free, long Reserved, long Surplus) Read() => (HugePagePool.Counter("nr_hugepages"), HugePagePool.Counter("free_hugepages"),
            HugePagePool.Counter("resv_hugepages"), HugePagePool.Counter("surplus_hugepages"));
        for (int attempt = 0; attempt < 5; attempt++)
        {
            var before = Read();
            DoctorRun doctor = DoctorRun.Of("huge-pages");
            if (before == Read())
            {
                Assert.Equal(before, (doctor.Number(name, "total"), doctor.Number(name, "free"), doctor.Number(name, "reserved"),
                    doctor.Number(name, "surplus")));
                return before.Total;
            }
        }

        throw new InvalidOperationException("Another program changes the pool all the time.");
    }

    private static long Setting(string name) => long.Parse(File.ReadAllText(Needed.File($"/proc/sys/{name}")), CultureInfo.InvariantCulture);

    private static string Quantity(nuint bytes) => bytes >= 1 << 30 ? $"{bytes >> 30} GiB" : bytes >= 1 << 20 ? $"{bytes >> 20} MiB"
        : $"{bytes >> 10} KiB";
}
