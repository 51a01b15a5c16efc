namespace MemoryPages.Scenarios;

/// <summary>What a guarded allocator lets nobody survive.</summary>
internal static unsafe class GuardedBlocks
{
    /// <summary>The byte at an offset from a block of a size, of an alignment, is written or read; also after it was freed.</summary>
    /// <param name="arguments">Size, alignment, offset, "read" or "write", "live" or "freed", the allocator below.</param>
    [Scenario]
    public static int TouchGuarded(string[] arguments) => arguments[5] switch
    {
        "Native" => Touch(new GuardedAllocator<NativeAllocator>(), arguments),
        "Page" => Touch(new GuardedAllocator<PageAllocator>(), arguments),
        "Locked" => Touch(new GuardedAllocator<LockedAllocator>(), arguments),
        _ => Touch(new GuardedAllocator<PoolAllocator>(new PoolAllocator()), arguments),
    };

    private static int Touch<TAllocator>(GuardedAllocator<TAllocator> guarded, string[] arguments)
        where TAllocator : IAllocator
    {
        var layout = new Layout(nuint.Parse(arguments[0]), nuint.Parse(arguments[1]));
        AllocatedBlock block = guarded.AllocateZeroed(layout);
        for (nuint i = 0; i < layout.Size; i++)
        {
            ((byte*)block.Pointer)[i] = 1;
        }

        if (arguments[4] == "freed")
        {
            guarded.Free(block.Pointer, layout);
        }

        byte* target = (byte*)block.Pointer + nint.Parse(arguments[2]);
        Console.WriteLine("touching");
        if (arguments[3] == "write")
        {
            Volatile.Write(ref *target, 2);
        }
        else
        {
            _ = Volatile.Read(ref *target);
        }

        Console.WriteLine("lives");
        return 0;
    }
}
