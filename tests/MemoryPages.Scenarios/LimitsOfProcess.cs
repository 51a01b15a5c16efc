#pragma warning disable MP1007 // the system refuses: there is nothing to dispose

using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>setrlimit(2), set when the runtime has what it needs.</summary>
internal static unsafe class LimitsOfProcess
{
    private const int FileSize = 1;
    private const int LockedMemory = 8;
    private const int AddressSpace = 9;

    [Scenario]
    public static int AddressSpaceRunsOut(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        pages.Write<long>(0, 42);
        ulong limit = (ulong)SystemMap.Status("VmSize") + (256 << 20);
        Set(AddressSpace, limit);
        Console.WriteLine($"{limit:N0}");

        LimitsTold.By(() => Pages.Allocate(1 << 30).Dispose());
        LimitsTold.By(() => pages.Resize(1 << 30, mayMove: true));
        LimitsTold.Check(!Pages.TryAllocate(1 << 30, out _), "TryAllocate");
        LimitsTold.Check(pages.Length == PageSize.Base && pages.Read<long>(0) == 42, "resized");
        Pages.Allocate(1 << 20).Dispose(); // what is within the limit goes on
        return 0;
    }

    [Scenario]
    public static int LockedMemoryRunsOut(string[] arguments)
    {
        ulong limit = 64 * PageSize.Base;
        Set(LockedMemory, limit);
        Console.WriteLine($"{limit:N0}");
        using Pages<ReadWrite> pages = Pages.Allocate(80 * PageSize.Base);

        LimitsTold.By(() => pages.Lock(range: new PageRange(0, 65 * PageSize.Base)));
        LimitsTold.Check(SystemMap.Status("VmLck") == 0, "locked by a failed Lock");
        LimitsTold.By(() => pages.Lock(LockMode.OnFault, new PageRange(0, 65 * PageSize.Base)));
        LimitsTold.Check(SystemMap.Status("VmLck") == 0, "locked by a failed Lock on fault");

        pages.Lock(range: new PageRange(0, 64 * PageSize.Base));
        LimitsTold.Check(SystemMap.Status("VmLck") == (long)limit, "as much as is allowed");
        LimitsTold.By(() => pages.Lock(range: new PageRange(64 * PageSize.Base, 1)));
        pages.Resize(64 * PageSize.Base);
        LimitsTold.By(() => pages.Resize(65 * PageSize.Base, mayMove: true)); // what is added would be locked too
        LimitsTold.Check(SystemMap.Status("VmLck") == (long)limit && pages.Length == 64 * PageSize.Base, "resized");
        pages.Dispose();
        LimitsTold.Check(SystemMap.Status("VmLck") == 0, "locked after the end");
        return 0;
    }

    [Scenario]
    public static int NothingMayBeLocked(string[] arguments)
    {
        Set(LockedMemory, 0);
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        LimitsTold.By(() => pages.Lock());
        LimitsTold.Check(SystemMap.Status("VmLck") == 0, "locked");
        return 0;
    }

    [Scenario]
    public static int FileSizeRunsOut(string[] arguments)
    {
        const ulong Limit = 1 << 20;
        Set(FileSize, Limit);
        string path = arguments[0];
        LimitsTold.By(() => Pages.MapShared(path, 2 * Limit).Dispose());
        LimitsTold.By(() => Pages.MapShared(path, 2 * Limit, new() { Space = FileSpace.Sparse }).Dispose());
        LimitsTold.Check(!File.Exists(path), "a file was left");
        using Pages<ReadWrite> pages = Pages.MapShared(path, Limit);
        LimitsTold.By(() => pages.Resize(Limit + 1));
        LimitsTold.Check(pages.Length == (nuint)Limit && new FileInfo(path).Length == (long)Limit, "resized");
        return 0;
    }

    private static void Set(int resource, ulong limit)
    {
        var value = new Kernel.Limit(limit, limit);
        LimitsTold.Check(Kernel.SetLimit(resource, &value) == 0, "setrlimit");
    }
}
