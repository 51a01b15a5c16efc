namespace MemoryPages.Tool.Examining;

/// <summary>The limit of memory that a control group sets this process: the lowest on the way from its group to the root (cgroups(7)).</summary>
/// <param name="File">What holds the limit, or where the group is if there is none.</param>
/// <param name="Limit">Bytes; null without a limit.</param>
/// <param name="Used">Bytes charged to the group that sets the limit.</param>
/// <param name="IsFirstVersion">Whether it is a group of the first version, where -1 takes a limit away, and not max.</param>
internal sealed record ControlGroup(string File, long? Limit, long? Used, bool IsFirstVersion)
{
    /// <summary>Null where no group counts memory, or none is to be seen.</summary>
    public static ControlGroup? OfThisProcess(SystemFiles files, MountTable mounts)
    {
        string[][] groups = [.. files.Lines("/proc/self/cgroup").Select(static line => line.Split(':', 3)).Where(static parts => parts.Length == 3)];

        // A system may have both: then the one that has the controller counts.
        string? first = groups.FirstOrDefault(static group => group[1].Split(',').Contains("memory"))?[2];
        string? second = groups.FirstOrDefault(static group => group[0] == "0")?[2];
        return first is not null
            ? Lowest(files, mounts.OfType("cgroup", "memory"), first, "memory.limit_in_bytes", "memory.usage_in_bytes", isFirst: true)
            : second is not null ? Lowest(files, mounts.OfType("cgroup2"), second, "memory.max", "memory.current", isFirst: false)
            : null;
    }

    private static ControlGroup? Lowest(SystemFiles files, Mount? mount, string path, string limitFile, string usedFile, bool isFirst)
    {
        // The first version says "none" by the largest number of whole pages.
        const long Unlimited = 1L << 62;
        if (mount is null)
        {
            return null;
        }

        // In a container the mount begins at the container's own group, and the path may still name it from the host's root.
        string below = mount.Root == "/" ? path : path.StartsWith(mount.Root, StringComparison.Ordinal) ? path[mount.Root.Length..] : "";
        ControlGroup? lowest = null;
        for (string folder = mount.Point + below.TrimEnd('/'); folder.Length >= mount.Point.Length; folder = folder[..folder.LastIndexOf('/')])
        {
            if (files.Exists($"{folder}/{limitFile}"))
            {
                long? limit = files.Number($"{folder}/{limitFile}") is { } bytes && bytes < Unlimited ? bytes : null;
                if (lowest is null || limit < (lowest.Limit ?? long.MaxValue))
                {
                    lowest = new ControlGroup($"{folder}/{limitFile}", limit, files.Number($"{folder}/{usedFile}"), isFirst);
                }
            }
        }

        return lowest;
    }
}
