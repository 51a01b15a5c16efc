using System.IO.Compression;

namespace MemoryPages.Tool.Examining;

/// <summary>How something was built into the running kernel.</summary>
internal enum Presence
{
    Unknown,
    Absent,
    Module,
    BuiltIn,
}

/// <summary>What the running kernel was built with and which modules it may load.</summary>
internal sealed class KernelBuild
{
    private readonly SystemFiles _files;
    private readonly Dictionary<string, Presence> _options;
    private readonly string _release;

    public KernelBuild(SystemFiles files)
    {
        _files = files;
        _release = files.FirstLine("/proc/sys/kernel/osrelease") ?? "";
        _options = Parse(Configuration());
        string[] words = files.FirstLine("/proc/cmdline")?.Split(' ') ?? [];
        TakesModules = Option("MODULES") != Presence.Absent && !words.Contains("nomodule") && files.Number("/proc/sys/kernel/modules_disabled") != 1;
    }

    /// <summary>As uname -r has it.</summary>
    public string Release => _release;

    /// <summary>Null where the release says nothing: vendors name theirs as they like.</summary>
    public bool? IsAtLeast(int major, int minor)
    {
        string[] parts = _release.Split('.', '-', '+');
        return SystemFiles.ToNumber(parts[0]) is { } ownMajor && SystemFiles.ToNumber(parts.ElementAtOrDefault(1)) is { } ownMinor
            ? (ownMajor, ownMinor).CompareTo((major, minor)) >= 0
            : null;
    }

    /// <summary>Whether it loads modules at all.</summary>
    public bool TakesModules { get; }

    /// <summary>Of CONFIG_<paramref name="name"/>; unknown where the configuration cannot be read.</summary>
    public Presence Option(string name) => _options.Count == 0 ? Presence.Unknown : _options.GetValueOrDefault(name, Presence.Absent);

    public bool IsLoaded(string module) => _files.Exists($"/sys/module/{module.Replace('-', '_')}");

    /// <summary>Whether there is such a module to load; null where that cannot be seen.</summary>
    public bool? Offers(string module)
    {
        string[] lines = _files.Lines($"/lib/modules/{_release}/modules.dep");
        return lines.Length == 0 ? null
            : lines.Any(line => line.Split(':')[0].Replace('_', '-').Contains($"/{module.Replace('_', '-')}.ko", StringComparison.Ordinal));
    }

    private string[] Configuration()
    {
        try
        {
            using var file = new GZipStream(File.OpenRead(_files.Of("/proc/config.gz")), CompressionMode.Decompress);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Split('\n');
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return _files.Lines($"/boot/config-{_release}");
        }
    }

    private static Dictionary<string, Presence> Parse(string[] lines)
    {
        const string Prefix = "CONFIG_";
        var options = new Dictionary<string, Presence>(StringComparer.Ordinal);
        foreach (string line in lines.Where(static line => line.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                options[line[Prefix.Length..equals]] = line[(equals + 1)..] == "m" ? Presence.Module : Presence.BuiltIn;
            }
        }

        return options;
    }
}
