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

    public override SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes)
    {
        const int Chunk = 256;
        nuint* pages = stackalloc nuint[Chunk];
        fixed (int* status = nodes)
        {
            for (int first = 0; first < nodes.Length; first += Chunk)
            {
                int count = Math.Min(Chunk, nodes.Length - first);
                for (int i = 0; i < count; i++)
                {
                    pages[i] = address + ((nuint)(first + i) * pageSize);
                }

                if (move_pages(SYS_move_pages, 0, (nuint)count, pages, null, status + first, 0) < 0)
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
