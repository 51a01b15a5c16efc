using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Physical memory in processes of their own: without privilege, and beside a forked child.</summary>
internal static unsafe class PhysicalProcesses
{
    /// <summary>Adds a page to the pool of huge pages, uses it, and ends without putting it back.</summary>
    [Scenario]
    public static int LeavesThePoolRaised(string[] arguments)
    {
#pragma warning disable MP1007 // that is the matter
        HugePagePool pool = HugePagePool.Reserve(1);
        Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit(), Populate = true });
#pragma warning restore MP1007
        Console.WriteLine(pool.Added + (long)pages.CountHugeBytes() - (long)pages.Length);
        return 0;
    }

    [Scenario]
    public static int PhysicalWithoutPrivilege(string[] arguments)
    {
        LimitsTold.Check(!PhysicalAddress.IsVisible, "Addresses are visible.");
        LimitsTold.By(() => PhysicalMemory.Allocate(1).Dispose());
        return 0;
    }

    /// <summary>Opens a device, says how, and maps memory for it until the limit of this process says no.</summary>
    [Scenario]
    public static int VfioOfOrdinaryUser(string[] arguments)
    {
        try
        {
            using DmaDevice dma = DmaDevice.OpenVfio(arguments[0]);
            Console.WriteLine(dma.Reason);
            using DeviceRegisters registers = dma.MapResource(0);
            LimitsTold.Check(registers.Read32(0) == 0x010000ed, "The device does not answer.");
            dma.EnableBusMaster();
            using Pages<ReadWrite> pages = Pages.Allocate(40 * PageSize.Base);
            using DmaMapping mapping = dma.Map(pages);
            using Pages<ReadWrite> others = Pages.Allocate(40 * PageSize.Base);
            LimitsTold.By(() => dma.Map(others).Dispose());
            mapping.Unmap();
            dma.Map(others).Dispose(); // what was refused left nothing that counts
            return 0;
        }
        catch (MemoryPagesException refused)
        {
            Console.WriteLine($"{refused.Reason} {refused.Hint}");
            return 1;
        }
    }

    /// <summary>Allocates a buffer for drivers, and says what it is or why there is none.</summary>
    [Scenario]
    public static int DmaBufferOfOrdinaryUser(string[] arguments)
    {
        try
        {
            using DmaBuffer buffer = DmaBuffer.AllocateShared(1 << 20);
            using WriteView view = buffer.Write();
            view[0] = 1;
            Console.WriteLine(buffer.Reason);
            LimitsTold.By(() => _ = buffer.Address);
            return 0;
        }
        catch (MemoryPagesException refused)
        {
            Console.WriteLine($"{refused.Reason} {refused.Hint}");
            return 1;
        }
    }

    [Scenario]
    public static int PhysicalBesideAForkedChild(string[] arguments)
    {
        nuint huge = PageSize.Huge.IsEmpty ? 0 : PageSize.Huge[0];
        using PhysicalMemory memory = PhysicalMemory.Allocate(PageSize.Base, arguments[0] == "huge" ? new() { PageSize = huge } : default);
        PhysicalAddress before = memory.Address;
        using WriteView view = memory.Write();
        view[0] = 42;
        nuint address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref view[0]);
        LimitsTold.Check(ForkedChild.Sees(address) == 42, "The child does not see it.");
        view[0] = 43; // where memory is private, this write gets the parent a copy in another frame
        LimitsTold.Check(memory.VerifyAddresses(), "It was moved.");
        memory.RefreshAddresses();
        LimitsTold.Check(memory.Address == before, "It has another address.");
        return 0;
    }
}
