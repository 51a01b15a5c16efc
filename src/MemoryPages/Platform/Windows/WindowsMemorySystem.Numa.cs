using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.ResidencyCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Nodes of memory: told of each page, wished when memory is allocated only, and never changed.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    /// <summary>The call that takes a wish for a node.</summary>
    private const string PreferredNodeCall = "VirtualAllocExNuma";

    public override int[] NumaNodes() =>
        ProcessCalls.GetNumaHighestNodeNumber(out uint highest) != 0 ? [.. Enumerable.Range(0, (int)highest + 1)] : [0];

    public override int[] NumaMemoryNodes() => NumaNodes();

    public override SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicy policy) =>
        policy.Kind == NumaPolicyKind.Default ? SystemError.None : NotSupported(PreferredNodeCall);

    /// <summary>One node that is preferred is the only wish that is taken.</summary>
    private static bool TryFindNode(NumaPolicy policy, out uint node)
    {
        bool isOne = policy.Kind == NumaPolicyKind.Prefer && policy.Nodes.Length == 1;
        node = isOne ? (uint)policy.Nodes[0] : AddressCalls.NUMA_NO_PREFERRED_NODE;
        return isOne || policy.Kind == NumaPolicyKind.Default;
    }

    public override SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes)
    {
        const int NodeAt = 16; // PSAPI_WORKING_SET_EX_BLOCK: six bits
        const int NodeBits = 0x3F;
        for (int i = 0; i < nodes.Length; i++)
        {
            var page = new WorkingSetPage { Address = address + ((nuint)i * pageSize) };
            if (QueryWorkingSetEx(ProcessCalls.CurrentProcess, &page, (uint)sizeof(WorkingSetPage)) == 0)
            {
                return Win32Error.Last("QueryWorkingSetEx");
            }

            nodes[i] = (page.Attributes & 1) != 0 ? (int)(page.Attributes >> NodeAt) & NodeBits : -1;
        }

        return SystemError.None;
    }
}
