using System.Globalization;

namespace MemoryPages.Tests.Commands;

/// <summary>Every counter of the machine that the tests run on, whatever it has: in a guest that is two nodes, 1 GiB pages, swap.</summary>
public sealed class DoctorMachineTests
{
    private const string Pools = "/sys/kernel/mm/hugepages";
    private const string Nodes = "/sys/devices/system/node";

    [Fact]
    public void Everything_that_the_machine_counts_is_told()
    {
        DoctorRun doctor = DoctorRun.Of("pages,huge-pages,transparent,numa,devices,swap");
        doctor.AssertHelps();
        string[] nodes = Names(Nodes, "node*");
        foreach (string pool in Names(Pools, "hugepages-*"))
        {
            long bytes = Digits(pool) * 1024;
            string size = bytes >= 1 << 30 ? $"{bytes >> 30} GiB" : bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";
            Assert.Equal(bytes, doctor.Number($"pool of {size} pages", "pageBytes"));
            Assert.Equal(Number($"{Pools}/{pool}/nr_hugepages"), doctor.Number($"pool of {size} pages", "total"));
            foreach (string node in nodes.Length > 1 ? nodes : [])
            {
                Assert.Equal(Number($"{Nodes}/{node}/hugepages/{pool}/nr_hugepages"),
                    doctor.Number($"pool of {size} pages, node {Digits(node)}", "total"));
            }
        }

        foreach (string node in nodes)
        {
            Assert.Contains($"distances {File.ReadAllText($"{Nodes}/{node}/distance").Trim()}", doctor.Found($"node {Digits(node)}"));
            string total = File.ReadLines($"{Nodes}/{node}/meminfo").Single(line => line.Contains("MemTotal"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
            Assert.Equal(long.Parse(total, CultureInfo.InvariantCulture) * 1024, doctor.Number($"node {Digits(node)}", "bytes"));
        }

        string[] groups = Names("/sys/kernel/iommu_groups", "*");
        Assert.Equal(groups.Length, doctor.Number("IOMMU", "groups"));
        Assert.Equal(groups.Length == 0 ? "missing" : "ok", doctor.Status("IOMMU"));
        Assert.Equal(SystemMap.Machine("SwapTotal"), doctor.Number("swap", "bytes"));
        Assert.Equal(Directory.Exists("/dev/vfio"), doctor.Status("VFIO") != "missing");
    }

    private static string[] Names(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, pattern).Select(path => Path.GetFileName(path)!)] : [];

    private static long Number(string file) => long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private static long Digits(string name) => long.Parse(string.Concat(name.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
}
