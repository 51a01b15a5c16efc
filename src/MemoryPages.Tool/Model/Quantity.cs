using System.Globalization;

namespace MemoryPages.Tool.Model;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    public static string Of(double value, Unit unit) => unit switch
    {
        Unit.Bytes => Bytes(value),
        Unit.Faults => Count(value) + (value == 1 ? " fault" : " faults"),
        Unit.Milliseconds => Text($"{value:0.00} ms"),
        Unit.BytesPerSecond => Text($"{value / 1e9:0.00} GB/s"),
        Unit.Lines => Count(value) + " lines",
        Unit.Times => Text($"{value:0.0} ×"),
        _ => Count(value),
    };

    public static string Count(double value) => Text($"{value:N0}");

    public static string Bytes(double value) => value switch
    {
        >= 1L << 40 => Text($"{value / (1L << 40):0.##} TiB"),
        >= 1L << 30 => Text($"{value / (1L << 30):0.##} GiB"),
        >= 1L << 20 => Text($"{value / (1L << 20):0.##} MiB"),
        >= 1L << 10 => Text($"{value / (1L << 10):0.##} KiB"),
        _ => Text($"{value:0} B"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
