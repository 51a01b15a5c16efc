using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tests.Commands;

/// <summary>Sandboxes refuse calls that the kernel has: the doctor says so, and goes on.</summary>
public sealed class DoctorRefusalTests
{
    public static TheoryData<int, int, string, string> Refusals() => new()
    {
        { SystemCallFailure.MemfdCreate, SystemCallFailure.EPERM, "sealed shared memory", "kernel" },
        { SystemCallFailure.MemfdCreate, SystemCallFailure.ENOSYS, "files that shrink", "files" },
        { SystemCallFailure.Mlock, SystemCallFailure.EPERM, "locking without limit (CAP_IPC_LOCK)", "privileges" },
        { 330, SystemCallFailure.ENOSYS, "protection keys", "kernel" }, // pkey_alloc
        { 323, SystemCallFailure.EPERM, "faults handled by the program", "kernel" }, // userfaultfd
        { 440, SystemCallFailure.EPERM, "batches of advice", "kernel" }, // process_madvise
        { 239, SystemCallFailure.EPERM, "policies", "numa" }, // get_mempolicy
        { 425, SystemCallFailure.EPERM, "memory that stays put", "devices" }, // io_uring_setup
        { SystemCallFailure.Fallocate, SystemCallFailure.EOPNOTSUPP, "holes", "files" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_is_refused_is_not_ok_and_the_rest_is_told(int call, int error, string name, string section)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Needs seccomp on x86-64.");
        SectionReport[] sections = [];
        SystemCallFailure.During(
            () => sections = [.. new MemoryPages.Tool.Doctor(new ExaminedMachine(SystemFiles.Own, Path.GetTempPath())).Examine([])],
            new FailingCall(call, error));
        Assert.Equal(MemoryPages.Tool.Doctor.SectionNames, sections.Select(report => report.Name));
        Finding finding = sections.Single(report => report.Name == section).Findings.Single(found => found.Name == name);
        Assert.NotEqual(FindingStatus.Ok, finding.Status);
        Assert.All(sections.SelectMany(report => report.Findings).Where(found => found.Status != FindingStatus.Ok),
            found => Assert.True(found.Remedies.Count != 0 || found.Obstacle is not null, found.ToString()));
    }
}
