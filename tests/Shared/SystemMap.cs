using System.Globalization;

namespace MemoryPages.Testing;

/// <summary>What the kernel says of the process's memory: a reader of its own, so that the library is not its own witness.</summary>
internal sealed partial class SystemMap
{
    private readonly Dictionary<string, string> _fields;
    private readonly string _line;
    private bool _isCommitted;

    /// <summary>What a witness on another system does not tell.</summary>
    private Dictionary<string, string> Smaps
    {
        get
        {
            _ = Needed.File("/proc/self/smaps");
            return _fields;
        }
    }

    private SystemMap(nuint start, nuint end, string access, string line, Dictionary<string, string> fields)
    {
        Start = start;
        End = end;
        Access = access;
        _line = line;
        _fields = fields;
    }

    public nuint Start { get; }

    public nuint End { get; }

    /// <summary>For example <c>rw-p</c>.</summary>
    public string Access { get; }

    /// <summary>As /proc/self/smaps has it.</summary>
    public string Line => OperatingSystem.IsLinux() ? _line : Needed.File("/proc/self/smaps");

    /// <summary>Two-letter flags with spaces between.</summary>
    public string Flags => Smaps.GetValueOrDefault("VmFlags", "");

    /// <summary>Whether it counts against the limit of committed memory: on Windows all that is committed does.</summary>
    public bool IsCharged => OperatingSystem.IsWindows() ? _isCommitted : HasFlag("ac");

    public bool HasFlag(string flag) => Flags.Split(' ').Contains(flag);

    /// <summary>A field of smaps in bytes.</summary>
    public nuint Bytes(string field) =>
        Smaps.TryGetValue(field, out string? text) ? nuint.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture) * 1024 : 0;

    /// <summary>
    /// Bytes in pages that hold what the file on the device does not. The kernel may keep many pages as one: then all of these count.
    /// </summary>
    public nuint Dirty => Bytes("Private_Dirty") + Bytes("Shared_Dirty");

    /// <summary>The region that holds an address, or null where nothing is mapped.</summary>
    public static SystemMap? At(nuint address) => Between(address, address + 1).SingleOrDefault();

    /// <summary>The regions that overlap the addresses.</summary>
    public static List<SystemMap> Between(nuint start, nuint end)
    {
        if (OperatingSystem.IsWindows())
        {
            return WindowsRegions(start, end);
        }

        var regions = new List<SystemMap>();
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', 3);
            if (!words[0].EndsWith(':'))
            {
                string[] bounds = words[0].Split('-');
                nuint first = nuint.Parse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                nuint last = nuint.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                inside = first < end && last > start;
                if (inside)
                {
                    regions.Add(new SystemMap(first, last, words[1], line, []));
                }
            }
            else if (inside)
            {
                regions[^1]._fields[words[0][..^1]] = line[words[0].Length..].Trim();
            }
        }

        return regions;
    }

    /// <summary>The number of mappings that the process holds.</summary>
    public static int Count() => File.ReadLines(Needed.File("/proc/self/maps")).Count();

    /// <summary>A field of /proc/self/status in bytes, for example <c>VmLck</c>.</summary>
    public static long Status(string field) => ReadField("/proc/self/status", field);

    /// <summary>A field of /proc/meminfo in bytes, for example <c>Committed_AS</c>.</summary>
    public static long Machine(string field) => ReadField("/proc/meminfo", field);

    /// <summary>Page faults that the process took without and with waiting for a device (proc(5), fields 10 and 12 of stat).</summary>
    public static (long Minor, long Major) Faults()
    {
        string text = File.ReadAllText(Needed.File("/proc/self/stat"));
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[7], CultureInfo.InvariantCulture), long.Parse(fields[9], CultureInfo.InvariantCulture));
    }

    /// <summary>The pages that <see cref="Present"/> tells of: the kernel's, or larger ones that are made of these.</summary>
    public static nuint PageSize { get; set; } = (nuint)Environment.SystemPageSize;

    /// <summary>Which pages of the range this process has in its tables, from /proc/self/pagemap: bit 63 says present.</summary>
    public static bool[] Present(nuint address, nuint length)
    {
        if (OperatingSystem.IsWindows())
        {
            return WindowsPresent(address, length);
        }

        nuint page = (nuint)Environment.SystemPageSize;
        int ratio = (int)(PageSize / page);
        using FileStream pagemap = File.OpenRead("/proc/self/pagemap");
        pagemap.Position = (long)(address / page * 8);
        byte[] entries = new byte[length / page * 8];
        pagemap.ReadExactly(entries);
        return [.. Enumerable.Range(0, entries.Length / 8).Select(i => (entries[(i * 8) + 7] & 0x80) != 0).Chunk(ratio).Select(part => part.Contains(true))];
    }

    private static long ReadField(string path, string field)
    {
        string? line = File.ReadLines(Needed.File(path)).FirstOrDefault(line => line.StartsWith(field + ":"));
        return line is null ? 0 : long.Parse(line[(field.Length + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }
}
