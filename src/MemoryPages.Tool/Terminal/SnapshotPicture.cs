using System.Globalization;
using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MemoryPages.Tool.Terminal;

/// <summary>What the system said, moment by moment: a row each.</summary>
internal static class SnapshotPicture
{
    /// <summary>Narrower than this, a strip of all cells would not fit beside the other columns.</summary>
    private const int WidthOfStrips = 100;

    public static IRenderable Of(IReadOnlyList<Snapshot> snapshots, int width)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = Look.Frame, ShowRowSeparators = true, Expand = true };
        table.AddColumn(new TableColumn("[grey62]moment[/]").NoWrap());
        table.AddColumn(new TableColumn("[grey62]MemoryMap.RegionsOf(pages) → /proc/self/smaps\npages.CountResidentBytes() → mincore[/]"));
        table.AddColumn(new TableColumn("[grey62]resident[/]").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("[grey62]faults taken[/]").RightAligned().NoWrap());

        Snapshot? before = null;
        foreach (Snapshot snapshot in snapshots)
        {
            table.AddRow(new Markup($"[bold]{Markup.Escape(snapshot.Moment)}[/]"), System(snapshot, before, isNarrow: width < WidthOfStrips), Resident(snapshot), Faults(snapshot.Faults));
            before = snapshot;
        }

        return table;
    }

    private static Rows System(Snapshot snapshot, Snapshot? before, bool isNarrow)
    {
        var rows = new List<IRenderable>();
        var change = VmFlags.Between(before, snapshot);
        string? flagsBefore = null;
        foreach (RegionLine region in snapshot.Regions)
        {
            rows.Add(new Markup(MapsLine(region.Line)) { Overflow = Overflow.Ellipsis });
            if (region.VmFlags != flagsBefore)
            {
                rows.Add(new Markup(change.Draw(region.VmFlags)));
                flagsBefore = region.VmFlags;
            }

            if (Counters(region) is { Length: > 0 } counters)
            {
                rows.Add(new Markup(counters));
            }
        }

        if (change.Explain() is { Length: > 0 } explanation)
        {
            rows.Add(new Markup(explanation));
        }

        rows.Add(new Markup(Strip(isNarrow ? Halve(snapshot.Filled) : snapshot.Filled)));
        return new Rows(rows);
    }

    /// <summary>The protection stands out: it is the second word of the line.</summary>
    private static string MapsLine(string line)
    {
        string[] words = line.Split(' ', 6);
        string colour = words[1][1] == 'w' ? "green" : words[1][2] == 'x' ? "magenta" : "yellow";
        string file = words.Length > 5 ? " " + Markup.Escape(Path.GetFileName(words[5])) : "";
        return $"{words[0]} [bold {colour}]{words[1]}[/] {string.Join(' ', words[2..5])}{file}";
    }

    private static string Counters(RegionLine region)
    {
        IEnumerable<string> counters = new (string Name, long Bytes)[]
        {
            ("AnonHugePages", region.TransparentHuge),
            ("Private_Hugetlb", region.ExplicitHuge),
            ("LazyFree", region.LazilyFree),
            ("Locked", region.Locked),
        }.Where(static counter => counter.Bytes != 0).Select(static counter => $"{counter.Name} [bold]{Quantity.Bytes(counter.Bytes)}[/]");
        return string.Join(" · ", counters);
    }

    private static List<double> Halve(IReadOnlyList<double> filled) =>
        [.. filled.Chunk(2).Select(static pair => pair.Average())];

    /// <summary>Blocks for resident pages, shade for the others: legible without colour too.</summary>
    private static string Strip(IReadOnlyList<double> filled) => string.Concat(filled.Select(static share => share switch
    {
        >= 1 => "[springgreen3]█[/]",
        > 0 => "[springgreen3]▒[/]",
        _ => "[grey42]░[/]",
    }));

    private static Markup Resident(Snapshot snapshot)
    {
        long inProcess = snapshot.Regions.Sum(static region => region.Resident + region.ExplicitHuge);
        return new Markup(snapshot.IsFile
            ? $"[bold]{Quantity.Bytes(inProcess)}[/]\n[grey62]cached[/] {Quantity.Bytes(snapshot.Resident)}\n[grey62]of {Quantity.Bytes(snapshot.Length)}[/]"
            : $"[bold]{Quantity.Bytes(snapshot.Resident)}[/]\n[grey62]of {Quantity.Bytes(snapshot.Length)}[/]");
    }

    private static Markup Faults(FaultCount faults) => new(string.Create(
        CultureInfo.InvariantCulture, $"[bold]{faults.Minor:N0}[/] [grey62]minor[/]\n{faults.Major:N0} [grey62]major[/]"));
}
