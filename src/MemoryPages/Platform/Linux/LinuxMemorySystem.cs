using System.Runtime.Versioning;
using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>The platform floor on Linux, x86-64 and arm64: sizes, errors and facts. The verbs are in the parts of this class beside.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class LinuxMemorySystem : MemorySystem
{
    private readonly nuint[] _hugePageSizes = LinuxHugePages.OfferedSizes();

    /// <remarks>
    /// Loads the assembly that reading an error takes: when the error is that no descriptor is free, it could not be loaded any more.
    /// </remarks>
    public LinuxMemorySystem() => _ = Errno.Last("");

    public override nuint PageSize { get; } = (nuint)Environment.SystemPageSize;

    public override nuint AllocationGranularity => PageSize;

    public override nuint TransparentHugePageSize { get; } = LinuxHugePages.TransparentSize();

    public override ReadOnlySpan<nuint> HugePageSizes => _hugePageSizes;

    public override nuint DefaultHugePageSize { get; } = LinuxHugePages.DefaultSize();

    public override nuint PhysicalMemory { get; } = (nuint)LinuxFiles.ReadField("/proc/meminfo", "MemTotal:") * 1024;

    public override SystemError Absent => new("Linux", Errno.ENOSYS);

    public override string ErrorSymbol(int code) => Errno.Symbol(code);

    public override Diagnosis Diagnose(SystemError error, in FailedOperation operation) => LinuxDiagnosis.Of(error, operation);

    public override IReadOnlyList<MemoryRegion> Regions(nuint address, nuint length) => LinuxProcessMaps.ReadDetailed(address, length);
}
