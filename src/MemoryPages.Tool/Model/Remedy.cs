using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>Something to do: a command for a shell, or words where no command can do it.</summary>
/// <param name="When">From when on it holds.</param>
/// <param name="NeedsRoot">Whether only root may.</param>
internal sealed record Remedy(When When, bool NeedsRoot)
{
    /// <summary>A line for a POSIX shell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Command { get; init; }

    /// <summary>What to do by hand, or what to know about the command.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Words { get; init; }

    /// <summary>A command that takes effect at once, until the next boot.</summary>
    public static Remedy Now(string command, string? words = null, bool needsRoot = true) =>
        new(When.Now, needsRoot) { Command = command, Words = words };

    /// <summary>A command that takes effect at the next boot, or the next log-in, and at each one after it.</summary>
    public static Remedy AtBoot(string command, string? words = null) => new(When.AtBoot, NeedsRoot: true) { Command = command, Words = words };

    public static Remedy ByHand(When when, string words) => new(when, NeedsRoot: true) { Words = words };
}

/// <summary>When a remedy takes effect.</summary>
internal enum When
{
    [JsonStringEnumMemberName("now")]
    Now,

    [JsonStringEnumMemberName("atBoot")]
    AtBoot,
}

/// <summary>All that can be done about a finding, or why nothing can.</summary>
internal readonly record struct Cure(IReadOnlyList<Remedy> Remedies, string? Obstacle = null)
{
    public static Cure Of(params Remedy[] remedies) => new(remedies);

    public static Cure None(string obstacle) => new([], obstacle);
}
