using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Simulation;

/// <content>It shows nothing of the machine: no frames, one node, no pool of huge pages.</content>
internal sealed unsafe partial class SimulatedSystem
{
    public override SystemError NoSuchFrames => Absent;

    public override bool LockedPagesStay => false;

    public override SystemError ProbePhysicalAddresses() => Absent;

    public override SystemError ReadFrames(nuint address, Span<ulong> frames) => Absent;

    public override SystemError Pin(nuint address, nuint length, SafeFileHandle pin) => Absent;

    public override void Unpin(SafeFileHandle pin)
    {
    }

    public override HugePageCounters QueryHugePagePool(nuint size, int? node) => default;

    public override int[] NumaNodes() => [0];

    public override int[] NumaMemoryNodes() => [0];

    public override SystemError SetNumaPolicy(nuint address, nuint length, NumaPolicyKind kind, ReadOnlySpan<int> nodes) => Absent;

    public override SystemError QueryNumaPolicy(nuint address, out NumaPolicyKind kind, out int[] nodes)
    {
        (kind, nodes) = (NumaPolicyKind.Default, []);
        return Absent;
    }

    public override SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes) => Absent;

    public override SystemError MovePages(nuint address, nuint pageSize, int node, Span<int> outcomes) => Absent;
}
