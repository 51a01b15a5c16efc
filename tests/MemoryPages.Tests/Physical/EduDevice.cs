using EduDriver;

namespace MemoryPages.Tests.Physical;

/// <summary>Where QEMU's edu device is, if this machine has one.</summary>
internal static class EduDevice
{
    public static string Address
    {
        get
        {
            IReadOnlyList<string> found = PciDevice.Find(Edu.VendorId, Edu.DeviceId);
            Assert.SkipWhen(found.Count == 0, "There is no edu device (1234:11e8) on this machine: eng/guest/run makes one that has it.");
            return found[0];
        }
    }

    public static PciDevice Open() => PciDevice.Open(Address);
}
