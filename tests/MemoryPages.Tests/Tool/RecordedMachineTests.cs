using MemoryPages.Tool.Model;

namespace MemoryPages.Tests.Commands;

/// <summary>The doctor at machines that the tests do not run on.</summary>
public sealed class RecordedMachineTests
{
    private const string Pools = "/sys/kernel/mm/hugepages";
    private const string Nodes = "/sys/devices/system/node";

    [Fact]
    public void A_machine_that_says_nothing_is_told_so()
    {
        using var machine = new RecordedMachine();
        Finding[] findings = [.. machine.Sections().Where(section => section.Name is not ("kernel" or "code")).SelectMany(section =>
            section.Findings)];
        Assert.Contains(findings, finding => finding.Found == $"not readable: {Pools}");
        Assert.All(findings, AssertHelped);
    }

    [Fact]
    public void Two_nodes_have_their_own_pools_and_commands()
    {
        using var machine = TwoNodes();
        IReadOnlyDictionary<string, Finding> pools = machine.Examine("huge-pages");
        Assert.Equal("3 in all, 2 free, 1 of these promised, 0 surplus", pools["pool of 2 MiB pages"].Found);
        Assert.Equal(FindingStatus.Ok, pools["pool of 2 MiB pages"].Status);
        Assert.Equal(FindingStatus.Ok, pools["pool of 2 MiB pages, node 0"].Status);
        Finding second = pools["pool of 2 MiB pages, node 1"];
        Assert.Equal(FindingStatus.Missing, second.Status);
        Assert.Equal(
            [$"echo 1 > {Nodes}/node1/hugepages/hugepages-2048kB/nr_hugepages",
                "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&hugepagesz=2M hugepages=1:1 /' /etc/default/grub && update-grub"],
            second.Remedies.Select(remedy => remedy.Command));
        Finding gibibyte = pools["pool of 1 GiB pages"];
        Assert.Contains("hugepagesz=1G hugepages=1 ", gibibyte.Remedies[1].Command);
        Assert.DoesNotContain("1 GiB pages beyond the pool", pools.Keys); // the kernel refuses to be told so
        Assert.Equal(FindingStatus.Ok, pools["pages of 1 GiB"].Status);

        IReadOnlyDictionary<string, Finding> nodes = machine.Examine("numa");
        Assert.Equal("62.5 GiB, 1 GiB free; processors 0-15; distances 10 21", nodes["node 0"].Found);
        Assert.Equal("32 GiB, 2 GiB free; no processors; distances 21 10", nodes["node 1"].Found);
        Assert.Equal("echo 0 > /proc/sys/kernel/numa_balancing", nodes["balancing"].Remedies[0].Command);
    }

    [Fact]
    public void A_pool_whose_pages_are_all_promised_is_limited()
    {
        using RecordedMachine machine = new RecordedMachine().WithPool($"{Pools}/hugepages-2048kB", total: 4, free: 2, reserved: 2);
        Finding pool = machine.Examine("huge-pages")["pool of 2 MiB pages"];
        Assert.Equal(FindingStatus.Limited, pool.Status);
        Assert.Equal($"echo 5 > {Pools}/hugepages-2048kB/nr_hugepages", pool.Remedies[0].Command);
        Assert.Contains("hugepagesz=2M hugepages=5", pool.Remedies[1].Words); // no boot loader is to be seen
    }

    [Fact]
    public void An_arm64_kernel_has_the_sizes_that_it_has()
    {
        using var machine = new RecordedMachine();
        foreach (int kilobytes in new[] { 64, 2048, 32768, 1048576 })
        {
            machine.WithPool($"{Pools}/hugepages-{kilobytes}kB", total: 1, free: 1);
        }

        machine.With("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n")
            .With("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n")
            .With("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "33554432\n")
            .With("/sys/kernel/mm/transparent_hugepage/hugepages-32kB/shmem_enabled", "always inherit [never]\n")
            .With("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "always inherit [madvise] never\n")
            .With("/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled", "always [inherit] madvise never\n")
            .With("/sys/kernel/mm/transparent_hugepage/hugepages-32768kB/enabled", "always [inherit] madvise never\n")
            .With("/boot/firmware/cmdline.txt", "console=tty1 root=/dev/mmcblk0p2\n");
        IReadOnlyDictionary<string, Finding> pools = machine.Examine("huge-pages");
        Assert.Equal(
            ["pool of 64 KiB pages", "pool of 2 MiB pages", "pool of 32 MiB pages", "pool of 1 GiB pages"],
                pools.Keys.Where(name => name.StartsWith("pool")));
        Assert.Equal(FindingStatus.Ok, pools["pages of 1 GiB"].Status);
        IReadOnlyDictionary<string, Finding> transparent = machine.Examine("transparent");
        Assert.Equal("never, 32 MiB each", transparent["mode"].Found);
        Assert.Equal("sed -i '1s/$/ transparent_hugepage=madvise/' /boot/firmware/cmdline.txt", transparent["mode"].Remedies[1].Command);
        Assert.Equal("madvise: 64 KiB; inherit: 2 MiB", transparent["sizes between"].Found); // and what never says is inherited
        Assert.Equal(["echo madvise > /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled"],
            transparent["sizes between"].Remedies.Select(remedy => remedy.Command));
    }

    [Fact]
    public void A_processor_that_hides_pages_of_1_GiB_is_told_so()
    {
        using RecordedMachine without = new RecordedMachine().With("/proc/cpuinfo",
            "vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor\n").WithPool($"{Pools}/hugepages-2048kB", 0, 0);
        Assert.Equal(FindingStatus.Missing, without.Examine("huge-pages")["pages of 1 GiB"].Status);
        Assert.Contains("pdpe1gb", without.Examine("huge-pages")["pages of 1 GiB"].Obstacle);
        using RecordedMachine unused = new RecordedMachine().With("/proc/cpuinfo", "flags\t\t: fpu pdpe1gb\n").WithPool($"{Pools}/hugepages-2048kB",
            0, 0);
        Assert.Equal(FindingStatus.Limited, unused.Examine("huge-pages")["pages of 1 GiB"].Status);
    }

    [Theory]
    [InlineData("DMA-FQ", 1, "do not reach devices")]
    [InlineData("identity", 0, "reach devices as they are")]
    public void The_kind_of_the_groups_says_whether_physical_addresses_arrive(string type, long translating, string told)
    {
        using RecordedMachine machine = new RecordedMachine().With("/sys/kernel/iommu_groups/0/type",
            "identity\n").With("/sys/kernel/iommu_groups/1/type", type + "\n");
        Finding iommu = machine.Examine("devices")["IOMMU"];
        Assert.Equal(FindingStatus.Ok, iommu.Status);
        Assert.Equal(translating, iommu.Numbers["translating"]);
        Assert.StartsWith("2 groups: ", iommu.Found);
        Assert.Contains(told, iommu.Found);
    }

    [Theory]
    [InlineData("GenuineIntel", "fpu", "grubby --update-kernel=ALL --args='intel_iommu=on'")]
    [InlineData("GenuineIntel", "fpu hypervisor", "grubby --update-kernel=ALL --args='intel_iommu=on'")]
    [InlineData("AuthenticAMD", "fpu", null)]
    public void Without_groups_the_processor_says_how_to_turn_it_on(string vendor, string flags, string? command)
    {
        using RecordedMachine machine = new RecordedMachine().With("/sys/kernel/notes", "").With("/usr/sbin/grubby", "")
            .With("/proc/cpuinfo", $"vendor_id\t: {vendor}\nflags\t\t: {flags}\n");
        Finding iommu = machine.Examine("devices")["IOMMU"];
        Assert.Equal(FindingStatus.Missing, iommu.Status);
        Assert.Equal(command, iommu.Remedies[0].Command);
        Assert.Equal(flags.Contains("hypervisor"), iommu.Remedies.Any(remedy => remedy.Words?.Contains("virtual machine") == true));
    }

    [Fact]
    public void A_module_is_loaded_by_modprobe_where_the_kernel_has_it()
    {
        using RecordedMachine machine = new RecordedMachine().With("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n").With("/proc/cmdline", "quiet\n")
            .With("/boot/config-6.1.0-56-amd64",
                "CONFIG_MODULES=y\nCONFIG_VFIO_PCI=m\nCONFIG_IOMMUFD=y\nCONFIG_UDMABUF=m\n# CONFIG_DMABUF_HEAPS is not set\n")
            .With("/lib/modules/6.1.0-56-amd64/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/vfio.ko\n");
        IReadOnlyDictionary<string, Finding> devices = machine.Examine("devices");
        Assert.Equal(["modprobe vfio-pci", "echo vfio-pci > /etc/modules-load.d/vfio-pci.conf"],
            devices["VFIO"].Remedies.Select(remedy => remedy.Command));
        Assert.Contains("a container shows only", devices["iommufd"].Obstacle);
        Assert.Contains("no module udmabuf", devices["udmabuf"].Obstacle);
        Assert.Contains("without CONFIG_DMABUF_HEAPS", devices["dma heaps"].Obstacle);
    }

    [Theory]
    [InlineData("/dev/vfio/12", "Ok", "groups 12; loaded: vfio")]
    [InlineData("/dev/vfio/devices/vfio0", "Missing", "none; loaded: vfio")]
    public void Groups_show_which_devices_vfio_holds(string path, string status, string found)
    {
        using RecordedMachine machine = new RecordedMachine().With("/dev/vfio/vfio", "").With(path,
            "").With("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
        IReadOnlyDictionary<string, Finding> devices = machine.Examine("devices");
        Assert.Equal("/dev/vfio/vfio", devices["VFIO"].Found);
        Assert.Equal(found, devices["devices given to VFIO"].Found);
        Assert.Equal(status, $"{devices["devices given to VFIO"].Status}");
        Assert.Equal("echo N > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode", devices["VFIO without an IOMMU"].Remedies[0].Command);
    }

    [Fact]
    public void A_kernel_that_loads_no_modules_is_told_so()
    {
        using RecordedMachine machine = new RecordedMachine().With("/proc/cmdline", "quiet nomodule\n");
        Assert.Contains("loads none", machine.Examine("devices")["VFIO"].Obstacle);
    }

    [Fact]
    public void The_lowest_limit_on_the_way_to_the_root_counts_in_the_second_version()
    {
        using RecordedMachine machine = new RecordedMachine().With("/proc/self/cgroup", "0::/system.slice/engine.service/worker\n")
            .With("/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n")
            .With("/sys/fs/cgroup/system.slice/memory.max", "max\n").With("/sys/fs/cgroup/system.slice/memory.current", "900\n")
            .With("/sys/fs/cgroup/system.slice/engine.service/memory.max",
                "1073741824\n").With("/sys/fs/cgroup/system.slice/engine.service/memory.current", "536870912\n")
            .With("/sys/fs/cgroup/system.slice/engine.service/worker/memory.max",
                "max\n").With("/sys/fs/cgroup/system.slice/engine.service/worker/memory.current", "1\n");
        Finding group = machine.Examine("limits")["control group"];
        Assert.Equal("at most 1 GiB (/sys/fs/cgroup/system.slice/engine.service/memory.max); 512 MiB used", group.Found);
        Assert.Equal(
            ["echo max > /sys/fs/cgroup/system.slice/engine.service/memory.max", "systemctl set-property engine.service MemoryMax=infinity"],
            group.Remedies.Select(remedy => remedy.Command));
    }

    [Theory]
    [InlineData("9223372036854771712", false)]
    [InlineData("268435456", true)]
    public void The_first_version_has_its_own_file_and_its_own_word_for_no_limit(string limit, bool isLimited)
    {
        using RecordedMachine machine = new RecordedMachine().With("/proc/self/cgroup", "4:cpuset:/\n3:memory:/docker/abc\n0::/\n")
            .With("/proc/self/mountinfo",
                "31 25 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n41 25 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
            .With("/sys/fs/cgroup/memory/memory.limit_in_bytes", limit + "\n").With("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1024\n");
        Finding group = machine.Examine("limits")["control group"];
        Assert.Equal(isLimited ? FindingStatus.Limited : FindingStatus.Ok, group.Status);
        Assert.Equal(!isLimited ? [] : ["echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes"], group.Remedies.Select(remedy => remedy.Command));
    }

    [Fact]
    public void Strict_promises_lockdown_and_filters_are_limits()
    {
        using RecordedMachine machine = new RecordedMachine().With("/proc/sys/vm/overcommit_memory", "2\n")
            .With("/proc/meminfo", "MemTotal: 100 kB\nCommitLimit: 2048 kB\nCommitted_AS: 1024 kB\n")
            .With("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
            .With("/proc/self/status",
                "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000004000\nCapBnd:\t0000000000004000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n");
        Finding promised = machine.Examine("limits")["promised memory"];
        Assert.Equal(FindingStatus.Limited, promised.Status);
        Assert.Contains("1 MiB promised, limit 2 MiB", promised.Found);
        IReadOnlyDictionary<string, Finding> privileges = machine.Examine("privileges");
        Assert.Equal("integrity", privileges["lockdown"].Found);
        Assert.Equal("3 (seccomp)", privileges["system-call filters"].Found);
        Assert.Equal("granted by what the kernel lists", privileges["locking without limit (CAP_IPC_LOCK)"].Found);
        Assert.Contains("bounding set", privileges["raw access (CAP_SYS_RAWIO)"].Obstacle);
    }

    [Theory]
    [InlineData("/.dockerenv", "", "docker")]
    [InlineData("/run/.containerenv", "engine=podman\n", "podman")]
    [InlineData("/run/systemd/container", "lxc\n", "lxc")]
    public void In_a_container_the_commands_are_for_its_host(string path, string text, string kind)
    {
        using RecordedMachine machine = new RecordedMachine().With(path, text);
        Finding container = machine.Examine("privileges")["container"];
        Assert.Equal(kind, container.Found);
        Assert.Contains("on the host", container.Obstacle);
    }

    [Fact]
    public void Swap_on_zram_is_seen()
    {
        using RecordedMachine machine = new RecordedMachine()
            .With("/proc/swaps", "Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0                              partition\t65532\t\t256\t\t100\n").With("/sys/module/zswap/parameters/enabled", "N\n");
        IReadOnlyDictionary<string, Finding> swap = machine.Examine("swap");
        Assert.Equal("64 MiB in /dev/zram0; 256 KiB used", swap["swap"].Found);
        Assert.Equal(FindingStatus.Ok, swap["zram"].Status);
        Assert.Equal("echo Y > /sys/module/zswap/parameters/enabled", swap["zswap"].Remedies[0].Command);
    }

    [Theory]
    [InlineData("/home/user", "xfs of /dev/pmem0 at /home")]
    [InlineData("/home2", "ext4 of /dev/sda1 at /")]
    public void The_file_system_is_the_one_that_the_path_is_in(string path, string found)
    {
        var mounts = new MemoryPages.Tool.Examining.MountTable(
            ["1 0 8:1 / / rw - ext4 /dev/sda1 rw", "2 1 259:0 / /home rw,relatime shared:3 - xfs /dev/pmem0 rw,dax=always", "a line that is none"]);
        MemoryPages.Tool.Examining.Mount mount = mounts.Of(path)!;
        Assert.Equal(found, $"{mount.Type} of {mount.Source} at {mount.Point}");
    }

    private static void AssertHelped(Finding finding) =>
        Assert.True((finding.Remedies.Count != 0 || finding.Obstacle is not null) != (finding.Status == FindingStatus.Ok), finding.ToString());

    private static RecordedMachine TwoNodes()
    {
        RecordedMachine machine = new RecordedMachine().WithPool($"{Pools}/hugepages-2048kB", total: 3, free: 2,
            reserved: 1).WithPool($"{Pools}/hugepages-1048576kB", 0, 0)
            .With("/proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t\t: fpu pdpe1gb\n").With("/etc/default/grub",
                "GRUB_CMDLINE_LINUX=\"\"\n").With("/usr/sbin/update-grub", "")
            .With("/proc/sys/kernel/numa_balancing", "1\n");
        foreach ((int node, long total) in new[] { (0, 3L), (1, 0L) })
        {
            machine.WithPool($"{Nodes}/node{node}/hugepages/hugepages-2048kB", total,
                free: total).WithPool($"{Nodes}/node{node}/hugepages/hugepages-1048576kB", 0, 0)
                .With($"{Nodes}/node{node}/cpulist", node == 0 ? "0-15\n" : "\n")
                .With($"{Nodes}/node{node}/meminfo",
                    $"Node {node} MemTotal:       {(node == 0 ? 65536000 : 33554432)} kB\nNode {node} MemFree:        {1048576 << node} kB\n")
                .With($"{Nodes}/node{node}/distance", node == 0 ? "10 21\n" : "21 10\n");
        }

        return machine;
    }
}
