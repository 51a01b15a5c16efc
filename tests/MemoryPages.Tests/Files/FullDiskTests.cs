namespace MemoryPages.Tests.Files;

/// <summary>
/// Real file systems that are small, full, without allocation, or on a device that fails. Each is mounted for one child process only.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_memory_file_system_is_an_exception_before_anything_is_written() => AssertToldFull(Run("mount -t tmpfs -o size=2m tmpfs $0", "DiskRunsFull"), "fallocate");

    [Fact]
    public void A_full_disk_is_an_exception_before_anything_is_written() => AssertToldFull(RunOnDisk("", "DiskRunsFull"), "fallocate");

    /// <summary>The second extended file system's way of keeping blocks knows no allocation: zeros are written.</summary>
    [Fact]
    public void A_full_disk_without_allocation_is_an_exception_too() => AssertToldFull(RunOnDisk("-O ^extent,^64bit,^metadata_csum", "DiskRunsFull"), "pwrite");

    /// <summary>
    /// A file system whose quotas need nothing of the kernel but itself: those of ext4 take CONFIG_QFMT_V2, which many kernels are built without.
    /// </summary>
    [Fact]
    public void A_quota_that_is_used_up_is_an_exception_that_names_it()
    {
        SkipUnlessDisksCanBeMade();
        Assert.SkipUnless(File.Exists("/usr/bin/btrfs") || File.Exists("/bin/btrfs"), "There is no btrfs(8) to make a disk with a quota.");
        Assert.SkipUnless(File.ReadAllText("/proc/filesystems").Contains("btrfs"), "This kernel does not know btrfs.");
        using var disk = new TempFolder();
        ScenarioResult result = Run(
            $"truncate -s 256M {disk.File} && mkfs.btrfs -q {disk.File} >&2 && mount -o loop {disk.File} $0 "
            + "&& btrfs quota enable $0 && btrfs qgroup limit 4M $0",
            "QuotaRunsOut");
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        Assert.Equal($"MapShared fallocate EDQUOT NoSpace {16 << 20}", lines[0]);
        Assert.Contains("quota", lines[1]);
        Assert.Equal($"Resize fallocate EDQUOT NoSpace {16 << 20}", lines[2]);
    }

    [Fact]
    public void A_file_system_in_memory_without_allocation_has_files_that_grow()
    {
        ScenarioResult result = Run("mount -t ramfs ramfs $0", "GrowAndShrink", Path.Combine(_folder.Path, "file"));
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Without_allocated_space_a_full_disk_ends_the_process()
    {
        ScenarioResult result = Run("mount -t tmpfs -o size=1m tmpfs $0", "SparseOnFullDisk", _folder.Path);
        Assert.Equal("full", result.Output);
        Assert.True(result.DiedOfBadAccess || result.DiedOfSignal, result.ToString());
    }

    [Fact]
    public void A_device_that_fails_while_flushing_is_told()
    {
        // The disk is a file of holes in a file system in memory, which is full when the holes are to be filled.
        string outer = Path.Combine(_folder.Path, "outer");
        string inner = Path.Combine(_folder.Path, "inner");
        Directory.CreateDirectory(outer);
        Directory.CreateDirectory(inner);
        SkipUnlessDisksCanBeMade();
        ScenarioResult result = Run(
            "mount -t tmpfs -o size=8m tmpfs $0/outer && truncate -s 64M $0/outer/disk && mkfs.ext4 -q -O ^has_journal $0/outer/disk && mount -o loop $0/outer/disk $0/inner",
            "DeviceFails", inner, outer);
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        Assert.Matches("^Flush msync (EIO InputOutput|ENOSPC NoSpace) ", lines[0]);
        Assert.Contains("may be lost", lines[1]);
    }

    /// <summary>The kernel also sends SIGXFSZ then, which ends a process that does not expect it.</summary>
    [Fact]
    public void A_limit_on_the_size_of_files_is_an_exception_that_names_it()
    {
        ScenarioResult result = Scenario.Run("FileSizeRunsOut", _folder.File);
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        Assert.Equal($"MapShared fallocate EFBIG FileSizeLimit {2 << 20}", lines[0]);
        Assert.Contains("1,048,576", lines[1]);
        Assert.Contains("RLIMIT_FSIZE", lines[1]);
        Assert.Equal($"MapShared ftruncate EFBIG FileSizeLimit {2 << 20}", lines[2]);
        Assert.Equal($"Resize fallocate EFBIG FileSizeLimit {(1 << 20) + 1}", lines[4]);
    }

    private static void AssertToldFull(ScenarioResult result, string call)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        string[] sizes = lines[0].Split(' ');
        Assert.Equal($"MapShared {call} ENOSPC NoSpace {sizes[1]}", lines[1]);
        Assert.Contains($"The file system has {sizes[0]} bytes free for this user", lines[2]);
        Assert.Equal($"MapShared {call} ENOSPC NoSpace {sizes[1]}", lines[3]);
        Assert.Equal($"Resize {call} ENOSPC NoSpace {sizes[1]}", lines[5]);
    }

    private static void SkipUnlessDisksCanBeMade()
    {
        Assert.SkipUnless(Kernel.IsRoot, "Only root mounts file systems that are on a device.");
        Assert.SkipUnless(File.Exists(Needed.File("/dev/loop-control")) && File.Exists("/usr/sbin/mkfs.ext4"), "There are no loop devices, or no mkfs.ext4, to make a disk with.");
    }

    private ScenarioResult RunOnDisk(string features, string scenario)
    {
        SkipUnlessDisksCanBeMade();
        using var disk = new TempFolder();
        return Run($"truncate -s 16M {disk.File} && mkfs.ext4 -q {features} {disk.File} && mount -o loop {disk.File} $0", scenario, _folder.Path);
    }

    /// <summary>In a mount namespace of its own, which an ordinary user may have in a user namespace: all of it is gone with the process.</summary>
    private ScenarioResult Run(string mount, string scenario, params string[] arguments)
    {
        string[] unshare = Kernel.IsRoot ? ["unshare", "--mount"] : ["unshare", "--mount", "--map-root-user"];
        Assert.SkipUnless(File.Exists("/usr/bin/unshare"), "There is no unshare(1) to mount file systems for one process.");
        ScenarioResult result = Scenario.RunUnder([.. unshare, "sh", "-c", mount + " && exec \"$@\"", _folder.Path], scenario, arguments.Length == 0 ? [_folder.Path] : arguments);
        Assert.SkipWhen(result.Errors.StartsWith("unshare:") || result.Errors.StartsWith("mount:"), "This user may mount nothing here: " + result.Errors);
        return result;
    }
}
