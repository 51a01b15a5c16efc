using EduDriver;
using MemoryPages;

// Which device: the one that is named, or the first there is.
IReadOnlyList<string> found = args.Length > 0 ? args : PciDevice.Find(Edu.VendorId, Edu.DeviceId);
if (found.Count == 0)
{
    Console.WriteLine("There is no edu device (1234:11e8) on this machine. QEMU makes one: -device edu,dma_mask=0xffffffffffff; or run eng/guest/run.");
    return 0;
}

// Whose it is. Behind an IOMMU the kernel lends it through vfio-pci, and has it back when the binding ends: last of all, as it was made first.
using PciDevice device = PciDevice.Open(found[0]);
Console.WriteLine($"{device.Address} {device.VendorId:x4}:{device.DeviceId:x4}, driver {device.Driver ?? "none"}, IOMMU group {device.IommuGroupType ?? "none"}");
using PciDriverBinding? binding = device.WhyNoPhysicalAddresses is null ? null : device.Bind("vfio-pci");

// The device itself, from a known state where it can be put into one, and its registers.
using DmaDevice dma = DmaDevice.Open(device.Address);
Console.WriteLine(dma.Reason);
if (dma.CanReset)
{
    dma.Reset();
}

using var edu = new Edu(dma.MapResource(0));
Console.WriteLine($"It identifies itself as 0x{edu.Id:x8}, {(edu.IsAlive(0x5a5a1234) ? "is alive" : "does not answer")}, and says that 10! is {edu.Factorial(10)}.");

// Memory that it can use: it reads the first half, and writes what it read to the second.
dma.EnableBusMaster();
using DmaBuffer buffer = dma.Allocate(2 * (nuint)EduDma.MostBytes);
Console.WriteLine(buffer.Reason);
using WriteView bytes = buffer.Write();
for (int i = 0; i < EduDma.MostBytes; i++)
{
    bytes[(nuint)i] = (byte)(i * 7);
}

edu.Dma.Read(buffer.AddressOf(0), EduDma.MostBytes);
edu.Dma.Write(buffer.AddressOf((nuint)EduDma.MostBytes), EduDma.MostBytes);
bool arrived = bytes.Slice(0, EduDma.MostBytes).SequenceEqual(bytes.Slice((nuint)EduDma.MostBytes, EduDma.MostBytes));
Console.WriteLine($"{EduDma.MostBytes} bytes went from memory at {buffer.Address} through the device to {buffer.AddressOf((nuint)EduDma.MostBytes)}: {(arrived ? "the same" : "NOT the same")}.");
return arrived ? 0 : 1;
