using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.NumaCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>NUMA: nodes and policies (Documentation/admin-guide/mm/numa_memory_policy.rst).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    private const string NodeFolder = "/sys/devices/system/node";

    public override int[] NumaNodes() => LinuxFiles.ReadList($"{NodeFolder}/online") is { Length: > 0 } nodes ? nodes : [0];

    public override int[] NumaMemoryNodes() => LinuxFiles.ReadList($"{NodeFolder}/has_memory") is { Length: > 0 } nodes ? nodes : NumaNodes();

    /// <remarks>A kernel without nodes, or a sandbox without /sys, has one: the machine.</remarks>
    public override SystemError QueryNumaNode(int node, out NumaNodeFacts facts)
    {
        string folder = $"{NodeFolder}/node{node}";
        bool isTold = LinuxFiles.ReadField($"{folder}/meminfo", $"Node {node} MemTotal:") != 0 || LinuxFiles.ReadList($"{folder}/cpulist").Length != 0;
        if (!isTold && node != 0)
        {
            facts = default;
            return new SystemError(LinuxPhysicalDiagnosis.NodeFacts, Errno.ENOENT);
        }

        (string memory, string prefix, string processors) = isTold
            ? ($"{folder}/meminfo", $"Node {node} ", $"{folder}/cpulist")
            : ("/proc/meminfo", "", "/sys/devices/system/cpu/online");
        facts = new NumaNodeFacts(
            (nuint)LinuxFiles.ReadField(memory, $"{prefix}MemTotal:") * 1024,
            (nuint)LinuxFiles.ReadField(memory, $"{prefix}MemFree:") * 1024,
            LinuxFiles.ReadList(processors));
        return SystemError.None;
    }

    /// <remarks>A row of the firmware's table has a number for each node that is online.</remarks>
    public override SystemError QueryNumaDistance(int from, int to, out int distance)
    {
        const int ToItself = 10;
        int[] row = LinuxFiles.ReadNumbers($"{NodeFolder}/node{from}/distance");
        int column = Array.IndexOf(NumaNodes(), to);
        bool isTold = column >= 0 && column < row.Length;
        distance = isTold ? row[column] : ToItself;
        return isTold || (from == to && row.Length == 0) ? SystemError.None : new SystemError(LinuxPhysicalDiagnosis.NodeFacts, Errno.ENOENT);
    }

    public override SystemError QueryRunningNode(out int node)
    {
        uint told = 0;
        bool failed = getcpu(SYS_getcpu, null, &told, 0) != 0;
        SystemError error = failed ? Errno.Last("getcpu") : SystemError.None;
        node = (int)told;
        return error;
    }

    public override bool IsSupported(NumaPolicy policy) =>
        WithScratchPage(PageProtection.Read, (system, address) => !system.SetNumaPolicy(address, system.PageSize, policy).Failed) ?? false;

    public override SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicy policy)
    {
        ulong* mask = stackalloc ulong[MaskBits / 64];
        SystemError error = ToMask(policy, mask, out nuint bits);
        if (error.Failed)
        {
            return error;
        }

        return mbind(SYS_mbind, address, length, Mode(policy), bits == 0 ? null : mask, bits, 0) == 0 ? SystemError.None : Errno.Last("mbind");
    }

    public override SystemError SetThreadNumaPolicy(NumaPolicy policy)
    {
        ulong* mask = stackalloc ulong[MaskBits / 64];
        SystemError error = ToMask(policy, mask, out nuint bits);
        if (error.Failed)
        {
            return error;
        }

        return set_mempolicy(SYS_set_mempolicy, Mode(policy), bits == 0 ? null : mask, bits) == 0 ? SystemError.None : Errno.Last("set_mempolicy");
    }

    public override SystemError QueryNumaPolicy(nuint address, out NumaPolicy policy) => QueryPolicy(address, MPOL_F_ADDR, out policy);

    public override SystemError QueryThreadNumaPolicy(out NumaPolicy policy) => QueryPolicy(0, 0, out policy);

    private static SystemError QueryPolicy(nuint address, nint flags, out NumaPolicy policy)
    {
        int mode = 0;
        ulong* mask = stackalloc ulong[MaskBits / 64];
        new Span<ulong>(mask, MaskBits / 64).Clear();
        if (get_mempolicy(SYS_get_mempolicy, &mode, mask, MaskBits + 1, address, flags) != 0)
        {
            SystemError error = Errno.Last("get_mempolicy");
            policy = default;
            return error;
        }

        var nodes = new List<int>();
        for (int node = 0; node < MaskBits; node++)
        {
            if ((mask[node / 64] >> (node % 64) & 1) != 0)
            {
                nodes.Add(node);
            }
        }

        policy = new NumaPolicy(KindOf(mode & MPOL_MODE_MASK, nodes.Count), [.. nodes]);
        return SystemError.None;
    }

    /// <param name="policy">The policy.</param>
    /// <param name="mask">Its nodes.</param>
    /// <param name="bits">How many the kernel is told of: it takes the number to be one more than it is. 0 where the policy names none.</param>
    private static SystemError ToMask(NumaPolicy policy, ulong* mask, out nuint bits)
    {
        new Span<ulong>(mask, MaskBits / 64).Clear();
        bits = policy.Nodes.IsEmpty ? 0 : (nuint)MaskBits + 1;
        foreach (int node in policy.Nodes)
        {
            if (node is < 0 or >= MaskBits)
            {
                return new SystemError("mbind", Errno.EINVAL); // what the kernel would say
            }

            mask[node / 64] |= 1UL << (node % 64);
        }

        return SystemError.None;
    }

    private static nint Mode(NumaPolicy policy) => policy.Kind switch
    {
        NumaPolicyKind.Local => MPOL_LOCAL,
        NumaPolicyKind.Prefer => policy.Nodes.Length == 1 ? MPOL_PREFERRED : MPOL_PREFERRED_MANY, // one node: also before 5.15
        NumaPolicyKind.Bind => MPOL_BIND,
        NumaPolicyKind.Interleave => MPOL_INTERLEAVE,
        NumaPolicyKind.WeightedInterleave => MPOL_WEIGHTED_INTERLEAVE,
        _ => MPOL_DEFAULT,
    };

    private static NumaPolicyKind KindOf(int mode, int nodes) => mode switch
    {
        MPOL_PREFERRED when nodes == 0 => NumaPolicyKind.Local, // its name before 5.14
        MPOL_PREFERRED or MPOL_PREFERRED_MANY => NumaPolicyKind.Prefer,
        MPOL_BIND => NumaPolicyKind.Bind,
        MPOL_INTERLEAVE => NumaPolicyKind.Interleave,
        MPOL_WEIGHTED_INTERLEAVE => NumaPolicyKind.WeightedInterleave,
        MPOL_LOCAL => NumaPolicyKind.Local,
        _ => NumaPolicyKind.Default,
    };
}
