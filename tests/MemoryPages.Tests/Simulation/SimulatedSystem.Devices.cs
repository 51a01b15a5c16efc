using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Simulation;

/// <content>It has no devices.</content>
internal sealed unsafe partial class SimulatedSystem
{
    public override IReadOnlyList<string> PciDevices => [];

    public override SystemError QueryPciDevice(string address, out PciFacts facts)
    {
        facts = PciFacts.None;
        return Absent;
    }

    public override SystemError OpenPciConfiguration(string address, bool forWriting, SafeFileHandle file) => Absent;

    public override SystemError OpenPciResource(string address, int index, SafeFileHandle file) => Absent;

    public override SystemError SetPciDriver(string address, string? driver, in PciDriverState before) => Absent;

    public override SystemError RestorePciDriver(string address, in PciDriverState before) => Absent;

    public override SystemError ReadDevice(SafeFileHandle file, long offset, Span<byte> destination) => Absent;

    public override SystemError WriteDevice(SafeFileHandle file, long offset, ReadOnlySpan<byte> source) => Absent;
}
