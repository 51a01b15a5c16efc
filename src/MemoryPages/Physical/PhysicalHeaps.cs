namespace MemoryPages.Physical;

/// <summary>The process's heaps of physical memory: one for each set of wishes, for as long as the process lives.</summary>
internal static class PhysicalHeaps
{
    private static readonly Lock s_gate = new();
    private static readonly List<PhysicalMemoryOptions> s_wishes = [default(PhysicalMemoryOptions) with { GrowPool = true }];
    private static PhysicalHeap[] s_heaps = [NewHeap(s_wishes[0])];

    public static PhysicalHeap At(int index) => Volatile.Read(ref s_heaps)[index];

    /// <summary>The number of the heap with these wishes: an allocator is that number.</summary>
    public static int IndexOf(in PhysicalMemoryOptions wishes)
    {
        lock (s_gate)
        {
            int index = s_wishes.IndexOf(wishes);
            if (index >= 0)
            {
                return index;
            }

            wishes.ThrowIfContradictory(1);
            s_wishes.Add(wishes);
            Volatile.Write(ref s_heaps, [.. s_heaps, NewHeap(wishes)]);
            return s_wishes.Count - 1;
        }
    }

    private static PhysicalHeap NewHeap(in PhysicalMemoryOptions wishes)
    {
        nuint huge = MemoryPages.Platform.MemorySystem.Current.DefaultHugePageSize;
        return new PhysicalHeap(wishes with { PageSize = huge == 0 ? PageSize.Base : huge, Name = "physical heap" });
    }
}
