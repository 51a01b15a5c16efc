using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>One thing that this machine has, has in part, or has not.</summary>
/// <param name="Name">What.</param>
/// <param name="Found">How much of it, in words.</param>
/// <param name="Status">Whether that is enough.</param>
/// <param name="Why">What it is good for, in half a sentence.</param>
internal sealed record Finding(string Name, string Found, FindingStatus Status, string Why)
{
    /// <summary>What was found of a thing that is there or not.</summary>
    public const string Supported = "supported";

    /// <summary>The numbers behind the words, for machines: bytes, pages or counts as the names say.</summary>
    public IReadOnlyDictionary<string, long> Numbers { get; init; } = new Dictionary<string, long>();

    /// <summary>What would change it here.</summary>
    public IReadOnlyList<Remedy> Remedies { get; init; } = [];

    /// <summary>Why nothing, or nothing more, can be done here; null where something can.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Obstacle { get; init; }

    /// <summary>Ok, or what it is otherwise.</summary>
    public static FindingStatus OkIf(bool holds, FindingStatus otherwise = FindingStatus.Missing) => holds ? FindingStatus.Ok : otherwise;

    /// <summary>A finding that could not be made.</summary>
    public static Finding Unreadable(string name, string problem, string why) => new(name, problem, FindingStatus.Limited, why)
    {
        Obstacle = "Nothing is known without that file: the kernel was built without it, or a sandbox hides it.",
    };

    /// <summary>The same, if it is enough as it is; else with these remedies, and with that obstacle where there are none.</summary>
    public Finding Else(Cure cure) => Status == FindingStatus.Ok ? this : this with { Remedies = cure.Remedies, Obstacle = cure.Obstacle };
}

/// <summary>Whether there is enough of something.</summary>
internal enum FindingStatus
{
    /// <summary>It works.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works in part, within a limit, or could not be looked at.</summary>
    [JsonStringEnumMemberName("limited")]
    Limited,

    /// <summary>It is not there.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,
}
