using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Lists against the limits of their process.</summary>
internal static unsafe class ListLimits
{
    private const int DataLimit = 2; // RLIMIT_DATA

    /// <summary>The kernel lets the part without huge pages become writable, and the part behind it not.</summary>
    [Scenario]
    public static int ListCommitStopsHalfWay(string[] arguments)
    {
        using var list = new VirtualList<byte>();
        list.Add(1);
        nuint start = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref list[0]);
        nint wanted = (nint)1 << 32;
        var limit = new Kernel.Limit((ulong)SystemMap.Status("VmData") + (1 << 28), ulong.MaxValue);
        if (Kernel.SetLimit(DataLimit, &limit) != 0)
        {
            return 1;
        }

        nint before = list.Capacity;
        if (list.TryReserveExact(wanted) != CapacityError.System || list.Capacity != before)
        {
            Console.Error.WriteLine("It was granted: this proves nothing.");
            return 2;
        }

        nuint charged = 0;
        bool isHuge = false;
        foreach (SystemMap region in SystemMap.Between(start, start + (nuint)wanted))
        {
            charged += region.HasFlag("ac") ? region.End - region.Start : 0;
            isHuge |= region.HasFlag("hg");
        }

        Console.Error.WriteLine($"{charged} bytes are charged, for a capacity of {before}; wish for huge pages: {isHuge}");
        list.Add(2);
        return charged == (nuint)before && isHuge && list[0] + list[1] == 3 ? 0 : 3;
    }
}
