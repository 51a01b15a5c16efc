using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Diagnostics;
using MemoryPages.Platform;
using MemoryPages.Platform.Linux;

namespace MemoryPages.Tests.Simulation;

/// <summary>
/// A system that there need not be a machine for: pages of another size, other granularity, other habits. Its memory is real, and protected as it says,
/// so that spans work and a stray access ends the process; beside it stands an exact table of what is mapped, and what no system would be asked is noted.
/// </summary>
/// <remarks>Its pages are multiples of the running system's. Any member can be made to refuse; its name is that of the call in errors.</remarks>
internal sealed unsafe partial class SimulatedSystem(SimulatedFacts facts) : MemorySystem
{
    public const int Refused = 1;
    public const int Misused = 2;
    public const int NoRoom = 3;
    public const int NotThere = 4;
    public const int Unbacked = 5;
    public const int Denied = 6;
    public const int NotFound = 7;

    public const string RefusedSymbol = "REFUSED";

    private static readonly string[] s_symbols = ["", RefusedSymbol, "MISUSED", "NO_ROOM", "NOT_THERE", "UNBACKED", "DENIED", "NOT_FOUND"];

    private static readonly nuint s_realPage = (nuint)Environment.SystemPageSize;

    private readonly MemorySystem _processor = OperatingSystem.IsLinux() ? new LinuxMemorySystem() : throw new PlatformNotSupportedException();
    private readonly Lock _gate = new();
    private readonly RangeTable _table = new();
    private readonly List<string> _misuses = [];
    private int _calls;
    private int _lastMapping;

    public override nuint PageSize => facts.Page;

    public override nuint AllocationGranularity => facts.Granularity;

    public override nuint TransparentHugePageSize => facts.TransparentHuge;

    public override ReadOnlySpan<nuint> HugePageSizes => facts.Huge;

    public override nuint DefaultHugePageSize => facts.Huge is [var first, ..] ? first : 0;

    public override nuint PhysicalMemory => 1 << 30;

    /// <summary>The number of the call that is refused, from now on: 1 is the next.</summary>
    public int RefuseCall { get; set => (field, _calls, WasRefused) = (value, 0, null); }

    /// <summary>The member that always refuses.</summary>
    public string? RefuseMember { get; set => (field, WasRefused) = (value, null); }

    /// <summary>The last member that refused because it was told to.</summary>
    public string? WasRefused { get; private set; }

    /// <summary>What no system would have been asked for.</summary>
    public string[] TakeMisuses()
    {
        string[] taken = [.. _misuses];
        _misuses.Clear();
        return taken;
    }

    public SimulatedFacts Facts => facts;

    public nuint LockedBytes => Sum(page => page.IsLocked);

    public IReadOnlyList<SimulatedRange> Ranges
    {
        get
        {
            lock (_gate)
            {
                return [.. _table.All];
            }
        }
    }

    /// <summary>Of the bytes that such pages have.</summary>
    public nuint Sum(Func<SimulatedPage, bool> which) =>
        Ranges.Where(range => which(range.Page)).Aggregate((nuint)0, (sum, range) => sum + range.Length);

    /// <summary>What the processor lets a program do.</summary>
    public override PageProtection EffectiveProtection(PageProtection requested) => facts.RoundsProtection && requested != PageProtection.None
        ? requested | PageProtection.Read
        : _processor.EffectiveProtection(requested);

    public override string ErrorSymbol(int code) => s_symbols[code];

    public override Diagnosis Diagnose(SystemError error, in FailedOperation operation) => new(
        error.Code switch
        {
            NotThere => ErrorReason.NotSupported,
            Unbacked => ErrorReason.Unbacked,
            Denied => ErrorReason.AccessDenied,
            NotFound => ErrorReason.NotFound,
            NoRoom => ErrorReason.AddressSpaceLimit,
            _ => ErrorReason.OutOfMemory,
        }, $"The simulated system {facts.Name} says so.");

    public override IReadOnlyList<MemoryRegion> Regions(nuint address, nuint length) =>
    [
        .. Ranges.Where(range => range.Start < address + length && range.End > address).Select(range => new MemoryRegion
        {
            Address = range.Start, Length = range.Length, Protection = range.Page.Protection, IsShared = range.Page.IsShared, Name = "", Line = range.ToString(),
        }),
    ];

    // What every member that can fail begins with.

    private bool IsRefused(out SystemError error, [CallerMemberName] string call = "")
    {
        _calls++;
        bool isRefused = _calls == RefuseCall || call == RefuseMember;
        WasRefused = isRefused ? call : WasRefused;
        error = isRefused ? new SystemError(call, Refused) : SystemError.None;
        return isRefused;
    }

    /// <summary>Whole pages, all of them mapped, none of them sealed.</summary>
    private bool IsMisused(nuint address, nuint length, out SystemError error, bool mayBeReserved = false, [CallerMemberName] string call = "")
    {
        List<SimulatedRange> parts = _table.Within(address, address + length);
        string? wrong = length == 0 ? "nothing"
            : ((address | length) & (PageSize - 1)) != 0 ? "a part of a page"
            : !_table.Covers(address, address + length) ? "what is not mapped"
            : parts.Exists(part => ((part.Start | part.End) & (part.Page.PageSize - 1)) != 0) ? "a part of a huge page"
            : parts.Exists(part => part.Page.IsSealed) ? "sealed pages"
            : !mayBeReserved && parts.Exists(part => !part.Page.IsMemory) ? "addresses without memory"
            : null;
        return IsMisuse(wrong is null ? null : $"{wrong}: {length} bytes at {address:x}", out error, call);
    }

    private bool IsMisuse(string? wrong, out SystemError error, [CallerMemberName] string call = "")
    {
        error = SystemError.None;
        if (wrong is not null)
        {
            _misuses.Add($"{call} of {wrong}{Environment.NewLine}{Environment.StackTrace}");
            error = new SystemError(call, Misused);
        }

        return wrong is not null;
    }

    private int Native(PageProtection protection) => (int)(facts.RoundsProtection && protection != PageProtection.None ? protection | PageProtection.Read : protection);

    /// <summary>Of the real system's; failing is not foreseen.</summary>
    private static void Must(bool done, [CallerArgumentExpression(nameof(done))] string what = "")
    {
        if (!done)
        {
            throw new InvalidOperationException($"{what}: errno {Marshal.GetLastPInvokeError()}");
        }
    }
}
