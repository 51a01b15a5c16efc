namespace MemoryPages.Tool.Examining;

/// <summary>What is mounted where for this process: /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
internal sealed class MountTable(IEnumerable<string> lines)
{
    private readonly Mount[] _mounts = [.. lines.Select(Parse).OfType<Mount>()];

    /// <summary>The last one mounted of a type.</summary>
    public Mount? OfType(string type, string? option = null) =>
        _mounts.LastOrDefault(mount => mount.Type == type && (option is null || mount.SuperOptions.Split(',').Contains(option)));

    /// <summary>The one that a path is in.</summary>
    public Mount? Of(string path) => _mounts.Where(mount => Contains(mount.Point, path)).MaxBy(static mount => mount.Point.Length);

    private static bool Contains(string point, string path) =>
        point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);

    /// <summary>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw: the fields before the dash vary in number.</summary>
    private static Mount? Parse(string line)
    {
        string[] halves = line.Split(" - ", 2);
        string[] left = halves[0].Split(' ');
        string[] right = halves[^1].Split(' ');
        return halves.Length == 2 && left.Length >= 6 && right.Length >= 2
            ? new Mount(Unescape(left[3]), Unescape(left[4]), left[5], right[0], Unescape(right[1]), right.Length > 2 ? right[2] : "")
            : null;
    }

    private static string Unescape(string text) =>
        text.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\134", @"\", StringComparison.Ordinal);
}

/// <summary>One mount.</summary>
/// <param name="Root">Which part of the file system is seen here.</param>
/// <param name="Point">Where.</param>
/// <param name="Options">Of this mount.</param>
/// <param name="Type">Of the file system.</param>
/// <param name="Source">A device or a name.</param>
/// <param name="SuperOptions">Of the file system.</param>
internal sealed record Mount(string Root, string Point, string Options, string Type, string Source, string SuperOptions);
