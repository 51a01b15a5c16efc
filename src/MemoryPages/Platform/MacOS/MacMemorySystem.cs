using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using MemoryPages.Diagnostics;
using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Platform.MacOS;

/// <summary>
/// The platform floor on macOS, arm64 and x86-64: sizes, errors and facts. The verbs are in the parts of this class beside. Written from the kernel's
/// sources (XNU) and never run: eng/macos/report finds out what is right.
/// </summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe partial class MacMemorySystem : MemorySystem
{
    /// <summary>The process, as Mach's calls name it. Looked up once: it is the process's for life.</summary>
    private readonly uint _task = MachCalls.task_self_trap();

    private readonly Lazy<nuint[]> _hugePageSizes = new(ProbeSuperpages);

    /// <remarks>
    /// Loads the assembly that reading an error takes: when the error is that no descriptor is free, it could not be loaded any more.
    /// </remarks>
    public MacMemorySystem() => _ = Errno.Last("");

    public override nuint PageSize { get; } = (nuint)Environment.SystemPageSize;

    public override nuint AllocationGranularity => PageSize;

    public override nuint TransparentHugePageSize => 0;

    /// <remarks>
    /// Intel's processors only: 2 MiB, physical memory in one piece and wired from the start, each a region of its own that is protected and unmapped
    /// as a whole.
    /// </remarks>
    public override ReadOnlySpan<nuint> HugePageSizes => _hugePageSizes.Value;

    public override nuint DefaultHugePageSize => _hugePageSizes.Value is [nuint size] ? size : 0;

    public override nuint PhysicalMemory { get; } = ReadPhysicalMemory();

    public override SystemError Absent => MacErrors.NotSupported("macOS"); // no call of it has a name for that

    public override string ErrorSymbol(int code) => Errno.Symbol(code);

    public override Diagnosis Diagnose(SystemError error, in FailedOperation operation) => MacDiagnosis.Of(error, operation);

    public override IReadOnlyList<MemoryRegion> Regions(nuint address, nuint length) => MacRegions.Read(_task, PageSize, address, length);

    private static nuint ReadPhysicalMemory()
    {
        ulong bytes = 0;
        nuint length = sizeof(ulong);
        return SystemCalls.sysctlbyname("hw.memsize", &bytes, &length, null, 0) == 0 ? (nuint)bytes : 0;
    }

    /// <summary>By its effect: the kernel may be built without, and on Apple's processors translated programs have none.</summary>
    private static nuint[] ProbeSuperpages()
    {
        const int Size = 2 << 20;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return [];
        }

        nuint address = MappingCalls.mmap(
            0, Size, MappingCalls.PROT_READ | MappingCalls.PROT_WRITE, Private, MachCalls.VM_FLAGS_SUPERPAGE_SIZE_2MB, 0);
        return address == MappingCalls.MAP_FAILED || MappingCalls.munmap(address, Size) != 0 ? [] : [Size];
    }
}
