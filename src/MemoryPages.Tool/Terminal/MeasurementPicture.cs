using MemoryPages.Tool.Model;
using Spectre.Console;
using Spectre.Console.Rendering;
using Measurement = MemoryPages.Tool.Model.Measurement;

namespace MemoryPages.Tool.Terminal;

/// <summary>Numbers: as bars where they are to be compared, else as a line of facts.</summary>
internal static class MeasurementPicture
{
    public static IEnumerable<IRenderable> Of(IReadOnlyList<Measurement> measurements)
    {
        foreach (IGrouping<string?, Measurement> chart in measurements.Where(static measurement => measurement.Chart is not null)
            .GroupBy(static measurement => measurement.Chart))
        {
            yield return Bars(chart.Key!, [.. chart]);
        }

        Measurement[] alone = [.. measurements.Where(static measurement => measurement.Chart is null)];
        if (alone.Length > 0)
        {
            IEnumerable<string> facts = alone.Select(static fact => $"[grey62]{Markup.Escape(fact.Name)}[/] [bold]{Quantity.Of(fact.Value, fact.Unit)}[/]");
            yield return new Markup($" {string.Join("   ", facts)}\n");
        }
    }

    private static Rows Bars(string title, Measurement[] measurements)
    {
        int width = measurements.Max(static measurement => measurement.Name.Length);
        var chart = new BarChart
        {
            LabelAlignment = Justify.Left,
            MaxValue = Math.Max(measurements.Max(static measurement => measurement.Value), double.Epsilon),
            ValueFormatter = (value, _) => Quantity.Of(value, measurements[0].Unit),
        };
        for (int i = 0; i < measurements.Length; i++)
        {
            chart.AddItem(" " + measurements[i].Name.PadRight(width), measurements[i].Value, Look.Bars[i % Look.Bars.Count]);
        }

        return new Rows(new Markup($" [grey62]{Markup.Escape(title)}[/]"), chart);
    }
}
