namespace MemoryPages.Tool.Examining;

/// <summary>The machine that is asked: its files, and what follows from them for every section.</summary>
internal sealed class ExaminedMachine
{
    private readonly Lazy<MountTable> _mounts;
    private readonly Lazy<HashSet<string>> _processorFlags;

    /// <param name="files">Of this machine, or recorded on another one.</param>
    /// <param name="path">Where the user keeps files to map.</param>
    public ExaminedMachine(SystemFiles files, string path)
    {
        Files = files;
        Path = path;
        Build = new KernelBuild(files);
        Prescriptions = new Prescriptions(files, Build);
        _mounts = new Lazy<MountTable>(() => new MountTable(files.Lines("/proc/self/mountinfo")));
        _processorFlags = new Lazy<HashSet<string>>(() => [.. ProcessorLine("flags").Split(' ')]);
    }

    public SystemFiles Files { get; }

    public string Path { get; }

    public KernelBuild Build { get; }

    public Prescriptions Prescriptions { get; }

    public MountTable Mounts => _mounts.Value;

    /// <summary>Whether it can be probed; else there is only what it said.</summary>
    public bool CanBeProbed => Files.IsOwn;

    public IReadOnlyList<string> Nodes => Files.Names("/sys/devices/system/node", "node*");

    /// <summary>x86 only: arm64 calls it Features and lists none of what is asked here.</summary>
    public bool ProcessorHas(string flag) => _processorFlags.Value.Contains(flag);

    /// <summary>GenuineIntel, AuthenticAMD; empty elsewhere.</summary>
    public string ProcessorVendor => ProcessorLine("vendor_id");

    private string ProcessorLine(string name) => Files.Lines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() ?? "";
}
