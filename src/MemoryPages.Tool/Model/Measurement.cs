using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>A number that a step measured.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Chart">Measurements of one chart are to be compared with each other; null for one that stands alone.</param>
internal sealed record Measurement(
    string Name, double Value, Unit Unit, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Chart);
