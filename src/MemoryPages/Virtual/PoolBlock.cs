using MemoryPages.Mapping;

namespace MemoryPages.Virtual;

/// <summary>A block of a pool, for as long as the pool lives: rented, in a front, or in exactly one list of the store.</summary>
/// <remarks>
/// It is a managed object so that a stale rental asks something that still exists, also when pool and memory are gone.
/// </remarks>
internal sealed class PoolBlock(PagePool pool, MappingHandle mapping, nuint address, nuint length, int index)
{
    public PagePool Pool => pool;

    /// <summary>What owns its addresses: its size class's, or its own.</summary>
    public MappingHandle Mapping => mapping;

    public nuint Address => address;

    public nuint Length => length;

    /// <summary>Its size class; one more than the last for a mapping of its own.</summary>
    public int Index => index;

    /// <summary>Advances when a rental ends, so that only one rental ever matches it. 64 bits: it never comes around.</summary>
    public long Ticket { get; set; }

    /// <summary>Nobody has written to it since it came from the system. Kept where the pool promises zeros only.</summary>
    public bool ReadsZero { get; set; } = true;

    public PoolBlock? Older { get; set; }

    public PoolBlock? Newer { get; set; }
}

/// <summary>Blocks in the order of their coming, linked through themselves: nothing is allocated to keep them.</summary>
internal struct PoolBlocks
{
    private PoolBlock? _oldest;
    private PoolBlock? _newest;

    /// <summary>The bytes of them all.</summary>
    public nuint Bytes { get; private set; }

    public int Count { get; private set; }

    /// <summary>To go through them, from here to the <see cref="PoolBlock.Older"/>.</summary>
    public readonly PoolBlock? Newest => _newest;

    public void Add(PoolBlock block)
    {
        block.Older = _newest;
        block.Newer = null;
        if (_newest is null)
        {
            _oldest = block;
        }
        else
        {
            _newest.Newer = block;
        }

        _newest = block;
        Bytes += block.Length;
        Count++;
    }

    /// <summary>The one whose content is likeliest in the processor's caches.</summary>
    public PoolBlock? TakeNewest()
    {
        if (_newest is not { } block)
        {
            return null;
        }

        _newest = block.Older;
        if (_newest is null)
        {
            _oldest = null;
        }
        else
        {
            _newest.Newer = null;
        }

        return Taken(block);
    }

    public PoolBlock? TakeOldest()
    {
        if (_oldest is not { } block)
        {
            return null;
        }

        _oldest = block.Newer;
        if (_oldest is null)
        {
            _newest = null;
        }
        else
        {
            _oldest.Older = null;
        }

        return Taken(block);
    }

    private PoolBlock Taken(PoolBlock block)
    {
        block.Older = null;
        block.Newer = null;
        Bytes -= block.Length;
        Count--;
        return block;
    }
}
