using System.Diagnostics;
using System.Globalization;
using MemoryPages.Diagnostics;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Steps;

namespace MemoryPages.Tool.Measuring;

/// <summary>What a step writes its findings into while it runs.</summary>
internal sealed class StepRecorder(FaultCounter faults, string file)
{
    private const int MostCells = 48;

    private readonly List<Snapshot> _snapshots = [];
    private readonly List<Measurement> _measurements = [];
    private readonly List<Support> _supported = [];
    private readonly List<Quotation> _quotations = [];
    private readonly List<Claim> _claims = [];
    private string _summary = "";
    private Outcome? _outcome;
    private FaultCount _resumedAt = faults.Read();

    /// <summary>The file that the tour is to show.</summary>
    public string File => file;

    /// <summary>Asks the system about pages, now. The faults that the asking takes are not counted.</summary>
    public Snapshot Look<TProtection>(string moment, Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        FaultCount taken = faults.Read() - _resumedAt;
        (long resident, List<double> filled) = Residency(pages);
        RegionLine[] regions = [.. MemoryMap.RegionsOf(pages).Select(ToLine)];
        var snapshot = new Snapshot(moment, pages.IsFileBacked, (long)pages.Length, resident, taken, regions, filled);
        _snapshots.Add(snapshot);
        _resumedAt = faults.Read();
        return snapshot;
    }

    public void Measure(string name, double value, Unit unit, string? chart = null) => _measurements.Add(new Measurement(name, value, unit, chart));

    /// <summary>The time since a <see cref="Stopwatch"/>'s time stamp.</summary>
    public static double MillisecondsSince(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    /// <summary>The faults since the step began or looked last.</summary>
    public FaultCount FaultsSoFar() => faults.Read() - _resumedAt;

    /// <summary>Looks somewhere else. The faults that this takes are not counted.</summary>
    public T Aside<T>(Func<T> look)
    {
        FaultCount start = faults.Read();
        T seen = look();
        _resumedAt += faults.Read() - start;
        return seen;
    }

    public void Ask(string name, bool isSupported) => _supported.Add(new Support(name, isSupported));

    public void Quote(string speaker, string text) => _quotations.Add(new Quotation(speaker, text));

    public void Claim(string text, bool holds) => _claims.Add(new Claim(text, holds));

    public void Conclude(string summary) => _summary = summary;

    /// <summary>This system's limits forbid it, and that is worth showing.</summary>
    public void Refuse(MemoryPagesException refusal)
    {
        Quote($"{nameof(MemoryPagesException)}, reason {refusal.Reason}", refusal.Message);
        _summary = $"{refusal.NativeCall}: {refusal.ErrorSymbol}";
        _outcome = Outcome.Refused;
    }

    public void Skip(string why)
    {
        _summary = why;
        _outcome = Outcome.Skipped;
    }

    public void Fail(string why)
    {
        Quote("failed", why);
        _summary = why;
        _outcome = Outcome.Failed;
    }

    public StepReport ToReport(TourStep step)
    {
        IReadOnlyList<CodeLine> lines = step.Lines;
        IEnumerable<string> calls = lines.SelectMany(static line => line.NativeCalls);
        return new StepReport
        {
            Name = step.Name,
            Title = step.Title,
            Lesson = step.Lesson,
            Lines = lines,
            NativeCalls = [.. (_snapshots.Count == 0 ? calls : calls.Append("mincore")).Distinct()],
            Snapshots = _snapshots,
            Measurements = _measurements,
            Supported = _supported,
            Quotations = _quotations,
            Claims = _claims,
            Summary = _summary,
            Outcome = _claims.Exists(static claim => !claim.Holds) ? Outcome.Failed : _outcome ?? Outcome.Ok,
        };
    }

    /// <summary>Cell by cell, so that a file of any length needs no list of its pages.</summary>
    private static (long Resident, List<double> Filled) Residency<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        nuint count = (pages.Length + PageSize.Base - 1) / PageSize.Base;
        nuint cells = Math.Min(count, MostCells);
        nuint resident = 0;
        var filled = new List<double>((int)cells);
        for (nuint cell = 0; cell < cells; cell++)
        {
            nuint start = cell * count / cells * PageSize.Base;
            nuint end = Math.Min((cell + 1) * count / cells * PageSize.Base, pages.Length);
            nuint found = Math.Min(pages.CountResidentBytes(PageRange.FromBounds(start, end)), end - start);
            resident += found;
            filled.Add((double)found / (end - start));
        }

        return ((long)resident, filled);
    }

    private static RegionLine ToLine(MemoryRegion region) => new(
        Compact(region.Line),
        Letters(region.Protection) + (region.IsShared ? "s" : "p"),
        region.Flags,
        (long)region.Resident,
        (long)region.TransparentHuge,
        (long)region.ExplicitHuge,
        (long)region.LazilyFree,
        (long)region.Locked);

    private static string Compact(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Letters(PageProtection protection) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(protection.HasFlag(PageProtection.Read) ? 'r' : '-')}{(protection.HasFlag(PageProtection.Write) ? 'w' : '-')}{(protection.HasFlag(PageProtection.Execute) ? 'x' : '-')}");
}
