using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.NumaCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>NUMA: nodes, policies, moves (Documentation/admin-guide/mm/numa_memory_policy.rst).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    public override int[] NumaNodes() => LinuxFiles.ReadList("/sys/devices/system/node/online") is { Length: > 0 } nodes ? nodes : [0];

    public override int[] NumaMemoryNodes() => LinuxFiles.ReadList("/sys/devices/system/node/has_memory") is { Length: > 0 } nodes ? nodes : NumaNodes();

    public override SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicyKind kind, ReadOnlySpan<int> nodes)
    {
        ulong* mask = stackalloc ulong[MaskBits / 64];
        new Span<ulong>(mask, MaskBits / 64).Clear();
        foreach (int node in nodes)
        {
            if (node is < 0 or >= MaskBits)
            {
                return new SystemError("mbind", Errno.EINVAL); // what the kernel would say
            }

            mask[node / 64] |= 1UL << (node % 64);
        }

        // The kernel takes the number of bits to be one more than it is.
        return mbind(SYS_mbind, address, length, Mode(kind), nodes.IsEmpty ? null : mask, nodes.IsEmpty ? 0 : (nuint)MaskBits + 1, 0) == 0
            ? SystemError.None
            : Errno.Last("mbind");
    }

    public override SystemError QueryNumaPolicy(nuint address, out NumaPolicyKind kind, out int[] nodes)
    {
        kind = NumaPolicyKind.Default;
        nodes = [];
        int mode = 0;
        ulong* mask = stackalloc ulong[MaskBits / 64];
        new Span<ulong>(mask, MaskBits / 64).Clear();
        if (get_mempolicy(SYS_get_mempolicy, ref mode, mask, MaskBits + 1, address, MPOL_F_ADDR) != 0)
        {
            return Errno.Last("get_mempolicy");
        }

        kind = (mode & MPOL_MODE_MASK) switch
        {
            MPOL_PREFERRED => NumaPolicyKind.Prefer,
            MPOL_BIND => NumaPolicyKind.Bind,
            MPOL_INTERLEAVE => NumaPolicyKind.Interleave,
            _ => NumaPolicyKind.Default,
        };
        var bits = new Span<ulong>(mask, MaskBits / 64).ToArray();
        nodes = [.. Enumerable.Range(0, MaskBits).Where(node => (bits[node / 64] >> (node % 64) & 1) != 0)];
        return SystemError.None;
    }

    public override SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes) => MovePages(address, pageSize, null, nodes);

    public override SystemError MovePages(nuint address, nuint pageSize, int node, Span<int> outcomes) => MovePages(address, pageSize, (int?)node, outcomes);

    private static SystemError MovePages(nuint address, nuint pageSize, int? node, Span<int> outcomes)
    {
        const int Chunk = 256;
        nuint* pages = stackalloc nuint[Chunk];
        int* nodes = stackalloc int[Chunk];
        fixed (int* status = outcomes)
        {
            for (int first = 0; first < outcomes.Length; first += Chunk)
            {
                int count = Math.Min(Chunk, outcomes.Length - first);
                for (int i = 0; i < count; i++)
                {
                    pages[i] = address + ((nuint)(first + i) * pageSize);
                    nodes[i] = node ?? 0;
                }

                // A positive result counts pages that stayed, and leaves their status as it was: what each one's is, is asked afterwards.
                if (move_pages(SYS_move_pages, 0, (nuint)count, pages, node is null ? null : nodes, status + first, MPOL_MF_MOVE) < 0)
                {
                    return Errno.Last("move_pages");
                }

                if (node is not null && move_pages(SYS_move_pages, 0, (nuint)count, pages, null, status + first, 0) < 0)
                {
                    return Errno.Last("move_pages");
                }
            }
        }

        return SystemError.None;
    }

    private static nint Mode(NumaPolicyKind kind) => kind switch
    {
        NumaPolicyKind.Prefer => MPOL_PREFERRED,
        NumaPolicyKind.Bind => MPOL_BIND,
        NumaPolicyKind.Interleave => MPOL_INTERLEAVE,
        _ => MPOL_DEFAULT,
    };
}
