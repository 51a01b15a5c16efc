namespace MemoryPages.Samples.NestedPageTables;

/// <summary>A page table with the tables below it: the processor reads the one, the other says who owns them.</summary>
internal struct TableLevel : IDisposable
{
    private const ulong Present = 1 | 2 | 4; // present, writable, for the guest
    private const int BitsOfLevel = 9;

    private Box<PageTable, Locked> _table;
    private BoxedSpan<TableLevel, Locked> _below;

    /// <summary>Maps a page of the guest to a page of the host, through tables that are made as they are needed.</summary>
    /// <param name="guest">The guest's page number.</param>
    /// <param name="host">The host's address of the page.</param>
    /// <param name="level">3 for the root, 0 for the last one.</param>
    /// <param name="allocator">Where tables come from.</param>
    /// <remarks>Where memory runs out in the midst of it the levels that are there stay, and are disposed with the root.</remarks>
    public void Map(ulong guest, ulong host, int level, Locked allocator)
    {
        Make(level, allocator);
        int index = (int)(guest >> (level * BitsOfLevel)) & (PageTable.Entries - 1);
        if (level == 0)
        {
            _table.Value[index] = host | Present;
            return;
        }

        ref TableLevel next = ref _below[(nuint)index];
        next.Map(guest, host, level - 1, allocator);
        _table.Value[index] = next.Address | Present;
    }

    /// <summary>Walks the tables, as the processor does.</summary>
    /// <returns>The host's address, or null where nothing is mapped.</returns>
    public readonly ulong? Find(ulong guest, int level)
    {
        int index = (int)(guest >> (level * BitsOfLevel)) & (PageTable.Entries - 1);
        ulong entry = _table.HasValue ? _table.Value[index] : 0;
        return (entry & Present) == 0 ? null : level == 0 ? entry & ~Present : _below[(nuint)index].Find(guest, level - 1);
    }

    /// <summary>Where the processor finds the table.</summary>
    public readonly ulong Address => Place.Of(ref _table.Value);

    /// <summary>The table, and all below it.</summary>
    public void Dispose() => Box.DisposeAll(ref _table, ref _below);

    private void Make(int level, Locked allocator)
    {
        if (!_table.HasValue)
        {
            _table = Box.NewZeroed<PageTable, Locked>(allocator);
        }

        if (level > 0 && _below.Length == 0)
        {
            _below = BoxedSpan.NewZeroed<TableLevel, Locked>(PageTable.Entries, allocator); // empty ones: nothing is made below yet
        }
    }
}
