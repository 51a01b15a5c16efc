namespace MemoryPages.Scenarios;

/// <summary>The non-paged pool under the limit of the process.</summary>
internal static unsafe class LockedPool
{
    /// <summary>Under a limit of 64 KiB and without the privilege to pass it: four slabs, and an error that says what to do.</summary>
    [Scenario]
    public static int LockedAllocatorAtItsLimit(string[] arguments)
    {
        const nuint Limit = 65536;
        LockedAllocator allocator = default;
        var layout = new Layout(1024, 16);
        var blocks = new List<nuint>();
        while (allocator.TryAllocate(layout, out AllocatedBlock block))
        {
            blocks.Add(block.Address);
        }

        bool full = LockedAllocator.LockedBytes == Limit && blocks.Count == 60; // each slab has a header
        MemoryPagesException? refused = null;
        try
        {
            allocator.Allocate(layout);
        }
        catch (MemoryPagesException exception)
        {
            refused = exception;
        }

        Console.WriteLine(refused?.Message);
        foreach (nuint block in blocks)
        {
            allocator.Free((void*)block, layout);
        }

        bool again = allocator.TryAllocate(new Layout(Limit, 16), out AllocatedBlock whole);
        allocator.Free(whole.Pointer, new Layout(Limit, 16));
        return full && refused is { Reason: ErrorReason.LockLimit } && again && LockedAllocator.LockedBytes == 0 ? 0 : 1;
    }
}
