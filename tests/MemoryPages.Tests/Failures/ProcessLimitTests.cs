#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Globalization;

namespace MemoryPages.Tests.Failures;

/// <summary>Limits of a process, reached for real in one of its own: the error names the limit and how much of it is used.</summary>
public sealed class ProcessLimitTests
{
    [Fact]
    public void The_limit_of_address_space_is_told_with_its_numbers()
    {
        string[] lines = Run([], "AddressSpaceRunsOut");
        Assert.Equal("Allocate mmap ENOMEM AddressSpaceLimit 1073741824", lines[1]);
        Assert.Matches($@"holds [\d,]+ of at most {lines[0]} bytes of address space .*RLIMIT_AS", lines[2]);
        Assert.Equal("Resize mremap ENOMEM AddressSpaceLimit 1073741824", lines[3]);
        Assert.Contains(lines[0], lines[4]);
    }

    [Fact]
    public void The_limit_of_locked_memory_is_told_with_its_numbers()
    {
        string[] lines = Run(Unprivileged, "LockedMemoryRunsOut");
        nuint page = PageSize.Base;
        Assert.Equal($"Lock mlock ENOMEM LockLimit {65 * page}", lines[1]);
        Assert.StartsWith($"The process has locked 0 of at most {lines[0]} bytes; raise RLIMIT_MEMLOCK", lines[2]);
        Assert.Equal($"Lock mlock2 ENOMEM LockLimit {65 * page}", lines[3]);
        Assert.Equal($"Lock mlock ENOMEM LockLimit {page}", lines[5]);
        Assert.StartsWith($"The process has locked {lines[0]} of at most {lines[0]} bytes", lines[6]);
        Assert.Contains("CAP_IPC_LOCK", lines[6]);
        Assert.Equal($"Resize mremap EAGAIN LockLimit {65 * page}", lines[7]);
    }

    [Fact]
    public void Without_any_right_to_lock_the_missing_privilege_is_named()
    {
        string[] lines = Run(Unprivileged, "NothingMayBeLocked");
        Assert.Equal($"Lock mlock EPERM LockLimit {PageSize.Base}", lines[0]);
        Assert.Contains("CAP_IPC_LOCK", lines[1]);
    }

    /// <summary>Machine-wide and only for a moment, with so generous a ratio that nobody else on the machine can feel it.</summary>
    [Fact]
    public void Strict_overcommit_is_told_with_its_numbers()
    {
        Assert.SkipUnless(Kernel.IsRoot, "Only root can change vm.overcommit_memory.");
        const string Mode = "/proc/sys/vm/overcommit_memory";
        const string Ratio = "/proc/sys/vm/overcommit_ratio";
        (string mode, string ratio) = (File.ReadAllText(Mode), File.ReadAllText(Ratio));
        MemoryPagesException told;
        long limit;
        try
        {
            File.WriteAllText(Ratio, "1000");
            File.WriteAllText(Mode, "2");
            limit = SystemMap.Machine("CommitLimit");
            told = Assert.Throws<MemoryPagesException>(() => Pages.Allocate((nuint)limit + 1));
            Assert.False(Pages.TryAllocate((nuint)limit + 1, out _));
            Pages.Allocate(1 << 20).Dispose();
        }
        finally
        {
            File.WriteAllText(Mode, mode);
            File.WriteAllText(Ratio, ratio);
        }

        Assert.Equal(ErrorReason.CommitLimit, told.Reason);
        Assert.Contains($"of {limit.ToString("N0", CultureInfo.InvariantCulture)} bytes", told.Hint);
        Assert.Contains("vm.overcommit_ratio", told.Hint);
    }

    /// <summary>Root locks what it likes, so it gives that right away first.</summary>
    private static string[] Unprivileged => Kernel.IsRoot ? ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] : [];

    private static string[] Run(string[] launcher, string name)
    {
        ScenarioResult result = Scenario.RunUnder(launcher, name);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Split('\n');
    }
}
