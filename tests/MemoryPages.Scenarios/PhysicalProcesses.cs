using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Physical memory in processes of their own: without privilege, and beside a forked child.</summary>
internal static unsafe class PhysicalProcesses
{
    [Scenario]
    public static int PhysicalWithoutPrivilege(string[] arguments)
    {
        LimitsTold.Check(!PhysicalAddress.IsVisible, "Addresses are visible.");
        LimitsTold.By(() => PhysicalMemory.Allocate(1).Dispose());
        return 0;
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
