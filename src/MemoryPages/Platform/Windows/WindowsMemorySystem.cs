using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using MemoryPages.Diagnostics;
using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.ProcessCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>The platform floor on Windows: sizes, errors and facts. The verbs are in the parts of this class beside.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsMemorySystem : MemorySystem
{
    private readonly nuint[] _hugePageSizes = PrivilegeCalls.GetLargePageMinimum() is var size and not 0 ? [size] : [];

    public WindowsMemorySystem()
    {
        GetSystemInfo(out SystemInformation system);
        PageSize = system.PageSize;
        AllocationGranularity = system.AllocationGranularity;
        LowestMappable = system.MinimumApplicationAddress;
        HighestMappable = system.MaximumApplicationAddress;
        PhysicalMemory = (nuint)Status().TotalPhysical;
    }

    public override nuint PageSize { get; }

    /// <summary>Where anything that is mapped or reserved begins: 64 KiB on every Windows so far.</summary>
    public override nuint AllocationGranularity { get; }

    public override nuint TransparentHugePageSize => 0;

    public override ReadOnlySpan<nuint> HugePageSizes => _hugePageSizes;

    public override nuint DefaultHugePageSize => _hugePageSizes is [nuint size] ? size : 0;

    public override nuint PhysicalMemory { get; }

    public override string ErrorSymbol(int code) => Win32Error.Symbol(code);

    public override Diagnosis Diagnose(SystemError error, in FailedOperation operation) => WindowsDiagnosis.Of(error, operation);

    public override IReadOnlyList<MemoryRegion> Regions(nuint address, nuint length) => WindowsProcessMap.Read(address, length);

    internal nuint LowestMappable { get; }

    internal nuint HighestMappable { get; }

    internal static MemoryStatus Status()
    {
        var status = new MemoryStatus { Length = (uint)System.Runtime.CompilerServices.Unsafe.SizeOf<MemoryStatus>() };
        _ = GlobalMemoryStatusEx(ref status);
        return status;
    }

    /// <summary>What this system has no call for, as the error of the call that would be the nearest.</summary>
    private static SystemError NotSupported(string call) => new(call, Win32Error.ERROR_NOT_SUPPORTED);
}
