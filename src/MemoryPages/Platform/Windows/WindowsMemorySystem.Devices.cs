using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Windows;

/// <summary>Devices on the PCI bus: a program reaches them through a driver of its own only.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override IReadOnlyList<string> PciDevices => [];

    public override SystemError QueryPciDevice(string address, out PciFacts facts)
    {
        facts = PciFacts.None;
        return NoDevice();
    }

    public override SystemError OpenPciConfiguration(string address, bool forWriting, SafeFileHandle file) => NoDevice();

    public override SystemError OpenPciResource(string address, int index, SafeFileHandle file) => NoDevice();

    public override SystemError SetPciDriver(string address, string? driver, in PciDriverState before) => NoDevice();

    public override SystemError RestorePciDriver(string address, in PciDriverState before) => NoDevice();

    public override SystemError ReadDevice(SafeFileHandle file, long offset, Span<byte> destination) => NoDevice();

    public override SystemError WriteDevice(SafeFileHandle file, long offset, ReadOnlySpan<byte> source) => NoDevice();

    private static SystemError NoDevice() => NotSupported("DeviceIoControl");
}
