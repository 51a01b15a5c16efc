using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>Everything that a step showed: what both renderers draw from.</summary>
internal sealed record StepReport
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Lesson { get; init; }

    [JsonIgnore]
    public IReadOnlyList<CodeLine> Lines { get; init; } = [];

    public IEnumerable<string> Code => Lines.Select(static line => line.Text);

    /// <summary>Every memory call that the library makes in this step, the tour's own looking (mincore) included.</summary>
    public required IReadOnlyList<string> NativeCalls { get; init; }

    public required IReadOnlyList<Snapshot> Snapshots { get; init; }

    public required IReadOnlyList<Measurement> Measurements { get; init; }

    public required IReadOnlyList<Support> Supported { get; init; }

    public required IReadOnlyList<Quotation> Quotations { get; init; }

    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>In a few words, what the system said.</summary>
    public required string Summary { get; init; }

    public required Outcome Outcome { get; init; }
}

/// <summary>Whether the running kernel has something.</summary>
internal sealed record Support(string Name, bool IsSupported);

/// <summary>What somebody said in words: the library in an exception, the compiler.</summary>
internal sealed record Quotation(string Speaker, string Text);

/// <summary>What the step says must be so, and whether it was.</summary>
internal sealed record Claim(string Text, bool Holds);

/// <summary>How a step ended.</summary>
internal enum Outcome
{
    /// <summary>All its claims hold.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>A limit of this system, or of this user's, stood in the way; the library said which.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>It does not apply to this machine.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,

    /// <summary>A claim does not hold, or the system refused what it should grant.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
