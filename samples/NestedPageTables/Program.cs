using MemoryPages;
using MemoryPages.Samples.NestedPageTables;

const ulong Pages = 3_000; // of the guest: six tables of the last level

Locked locked = LockedMemory(failAt: 0);
var contiguous = new ContiguousAllocator();
using (Box<Guest> guest = Box.NewZeroed<Guest>())
{
    guest.Value.Start(Pages, locked, contiguous);
    ulong wrong = 0;
    for (ulong page = 0; page < Pages; page++)
    {
        wrong += guest.Value.Find(page) == Guest.HostOf(page) ? 0u : 1;
    }

    Console.WriteLine($"{Pages:N0} pages mapped, {wrong} wrong; page {Pages} is {(guest.Value.Find(Pages) is null ? "not there" : "there")}");
    Console.WriteLine($"root of the nested tables: {(PhysicalAddress.IsVisible ? "physical" : "virtual")} address 0x{guest.Value.Control.NestedRoot:X}");
    Console.WriteLine(guest.Value.InterceptsPorts
        ? $"port permissions: 12 KiB side by side from physical address 0x{guest.Value.Control.PortPermissions:X} on"
        : "port permissions: no contiguous memory for this process (CAP_SYS_ADMIN)");
    Console.WriteLine($"in use: {locked.Counters.LiveBlocks} locked blocks of {locked.Counters.LiveBytes:N0} bytes, {contiguous.LiveBlocks} contiguous");
}

AllocatorCounters counters = locked.Counters;
Console.WriteLine($"disposed: {counters.Frees} of {counters.Allocations} locked blocks freed, {contiguous.LiveBlocks} contiguous left");

// Wherever memory runs out, nothing may be left.
long clean = 0;
for (long failAt = 1; failAt <= counters.Allocations; failAt++)
{
    clean += LeavesNothing(failAt) ? 1 : 0;
}

Console.WriteLine($"memory refused at each of {counters.Allocations} requests in turn: nothing left {clean} times");
return counters.LiveBlocks == 0 && contiguous.LiveBlocks == 0 && clean == counters.Allocations ? 0 : 1;

static Locked LockedMemory(long failAt) => new(new FailingAllocator<LockedAllocator>(failAt));

static bool LeavesNothing(long failAt)
{
    Locked locked = LockedMemory(failAt);
    var contiguous = new ContiguousAllocator();
    try
    {
        using Box<Guest> guest = Box.NewZeroed<Guest>();
        guest.Value.Start(Pages, locked, contiguous);
        return false;
    }
    catch (MemoryPagesException)
    {
        return locked.Counters.LiveBlocks == 0 && contiguous.LiveBlocks == 0;
    }
}
