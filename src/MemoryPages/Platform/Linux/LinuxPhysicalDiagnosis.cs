using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.LinuxDiagnosis;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean of physical addresses, of memory in frames of choice, of NUMA.</summary>
internal static class LinuxPhysicalDiagnosis
{
    /// <summary>As what failed is named: the number alone would not say which file it was.</summary>
    public const string PageMap = "pread(/proc/self/pagemap)";

    public const string OpenPageMap = "open(/proc/self/pagemap)";

    /// <summary>No call of the system's: pages were taken and looked at.</summary>
    public const string FrameSearch = "search for frames";

    public const string SetPool = "write(nr_hugepages)";

    public const string NodeFacts = "read(/sys/devices/system/node)";

    /// <returns>Null where it is none of these.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        (PageMap, Errno.EPERM) => new(ErrorReason.AccessDenied,
            "The kernel shows this process no physical addresses: it needs the capability CAP_SYS_ADMIN (run it as root, or setcap cap_sys_admin+ep on the program; "
            + "a container: --cap-add SYS_ADMIN). Behind an IOMMU a device needs none: VFIO."),
        (OpenPageMap, Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
            "The process may not look at its own pages: it has changed its user or its capabilities and is not dumpable any more (prctl(2), PR_SET_DUMPABLE)."),
        (OpenPageMap, Errno.ENOENT) => new(ErrorReason.NotSupported, "The kernel was built without CONFIG_PROC_PAGE_MONITOR, or /proc is not mounted."),
        (FrameSearch, _) when operation.Frames is { } wished => NoSuchFrames(operation, wished),
        ("mmap" or "memfd_create", Errno.ENOMEM) when operation is { Frames: not null } && operation.PageSize > MemorySystem.Current.PageSize
            => NoHugePages(operation, null),
        ("madvise", Errno.EFAULT) when operation.Frames is { Node: int node } => new(ErrorReason.NoSuchFrames, Text(
            $"Node {node} has no {Size(operation.PageSize)} page left: {Counters(operation.PageSize, node)}.")),
        (SetPool, Errno.ENOMEM) when operation.Frames is { } wished => new(ErrorReason.NoHugePages, Text(
            $"The kernel found {wished.Taken} of {operation.Length / operation.PageSize} pages of {Size(operation.PageSize)} side by side; the pool is as before: ")
            + Text($"{Counters(operation.PageSize, wished.Node)}. {Fragmentation(operation.PageSize, wished.Node)}")),
        (SetPool, Errno.EACCES or Errno.EPERM or Errno.EROFS) => new(ErrorReason.AccessDenied, Text(
            $"Only root may set the pool, outside of containers: echo N > {LinuxHugePages.Folder(operation.PageSize, operation.Frames?.Node)}/nr_hugepages, ")
            + Text($"or at boot hugepagesz={operation.PageSize / 1024}K hugepages=N.")),
        (SetPool, Errno.ENOENT) => new(ErrorReason.NotSupported, "There is no such node, or no huge pages of that size."),
        (NodeFacts, _) => new(ErrorReason.NotSupported, "The kernel does not tell: it was built without CONFIG_NUMA, /sys is not mounted, or the node is gone."),
        ("mbind" or "set_mempolicy", Errno.EINVAL) => new(ErrorReason.NotSupported, Text(
            $"The kernel does not know this policy (NumaPolicy.IsSupported), or the process may use the nodes {AllowedNodes()} only (its cpuset).")),
        ("move_pages", Errno.ENODEV) => new(ErrorReason.Other, Text(
            $"There is no such node with memory: the machine has {string.Join(", ", MemorySystem.Current.NumaMemoryNodes())}.")),
        ("move_pages", Errno.EACCES) => new(ErrorReason.AccessDenied, Text($"The process may use the nodes {AllowedNodes()} only (its cpuset).")),
        ("move_pages", Errno.EPERM) when operation.MovesShared => new(ErrorReason.AccessDenied,
            "Pages that other processes have too are moved by who has the capability CAP_SYS_NICE (root, or setcap cap_sys_nice+ep on the program)."),
        ("mbind" or "set_mempolicy" or "get_mempolicy" or "move_pages", Errno.EPERM) => new(ErrorReason.AccessDenied,
            "A sandbox refuses the calls for NUMA: a container gets them with --cap-add SYS_NICE."),
        ("mbind" or "set_mempolicy" or "get_mempolicy" or "move_pages" or "getcpu", Errno.ENOSYS) => new(ErrorReason.NotSupported,
            "The kernel was built without CONFIG_NUMA, or a sandbox hides its calls."),
        ("madvise", Errno.EFAULT) when operation is { NumaPolicy.Kind: NumaPolicyKind.Bind } && operation.PageSize > MemorySystem.Current.PageSize
            => NoHugePagesOnNodes(operation),
        _ => null,
    };

    private static Diagnosis NoSuchFrames(in FailedOperation operation, WishedFrames wished)
    {
        string kind = Size(operation.PageSize);
        nuint count = operation.Length / operation.PageSize;
        string what = wished.Scattered || count == 1 ? Text($"{count} of {kind}") : Text($"{count} side by side of {kind}");
        string where = (wished.MaxAddress == 0 ? "" : Text($", no byte above 0x{wished.MaxAddress:x}")) + (wished.Node is int node ? Text($", on node {node}") : "");
        string seen = Text($"Pages are wished{where}: {what}. {wished.Taken} pages were taken and looked at")
            + (PhysicalFrame.IsAddress(wished.Lowest) ? Text($", the lowest of them at 0x{wished.Lowest:x}. ") : ". ");
        return new(ErrorReason.NoSuchFrames, seen + Remedy(operation, wished));
    }

    /// <summary>The reservation is the machine's: that the nodes have too few is found at the touch.</summary>
    private static Diagnosis NoHugePagesOnNodes(in FailedOperation operation)
    {
        nuint size = operation.PageSize;
        string nodes = string.Join("; ", operation.NumaPolicy.Nodes.ToArray().Select(node => Text($"node {node}: {Counters(size, node)}")));
        return new(ErrorReason.NoHugePages, Text($"{operation.Length / size} pages of {Size(size)} are wished of {operation.NumaPolicy}. The pool: {nodes}. ")
            + Text($"As root: echo N > {LinuxHugePages.Folder(size, operation.NumaPolicy.Nodes[0])}/nr_hugepages, or NumaPolicy.Prefer."));
    }

    /// <summary>The nodes that the process may use, as the kernel lists them.</summary>
    private static string AllowedNodes() => string.Join(", ", LinuxFiles.ReadListField("/proc/self/status", "Mems_allowed_list:"));

    private static string Remedy(in FailedOperation operation, WishedFrames wished)
    {
        nuint huge = operation.PageSize > MemorySystem.Current.PageSize ? operation.PageSize : MemorySystem.Current.DefaultHugePageSize;
        return huge == 0
            ? "This system has no huge pages to take: only Scattered memory can be that long."
            : Text($"The pool of {Size(huge)} pages: {Counters(huge, wished.Node)}. {Fragmentation(huge, wished.Node)}");
    }

    private static string Fragmentation(nuint size, int? node) =>
        Text($"Memory is fragmented the longer a machine runs: reserve pages at boot (hugepagesz={size / 1024}K hugepages=N), or as root: ")
        + Text($"echo 1 > /proc/sys/vm/compact_memory, then echo N > {LinuxHugePages.Folder(size, node)}/nr_hugepages.");

    private static string Counters(nuint size, int? node)
    {
        HugePageCounters pool = LinuxHugePages.Counters(size, node);
        return Text($"{pool.Total} in all, {pool.Free} free, {pool.Reserved} of these promised, {pool.Surplus} surplus");
    }
}
