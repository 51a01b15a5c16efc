using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <summary>Blocks of one size: the addresses they come from, and where the free ones are. Guarded by the store's lock.</summary>
internal sealed class PoolClass
{
    /// <summary>A commit costs a call and, where advice or locks differ, a map entry: small blocks are committed several at a time.</summary>
    private const nuint SmallestStep = 64 << 10;

    private readonly int _index;
    private readonly nuint _step;
    private readonly ReserveRequest _request;
    private nuint _used;

    /// <summary>Free and in memory.</summary>
    public PoolBlocks Warm;

    /// <summary>Free, committed, and given back: the next touch is a page fault.</summary>
    public PoolBlocks Cold;

    /// <summary>Free addresses without memory.</summary>
    public PoolBlocks Bare;

    public PoolClass(int index, nuint size, in PagePoolOptions options)
    {
        nuint huge = options.TransparentHugePages ? PageSize.TransparentHuge : 0;
        nuint capacity = options.ClassCapacity == 0 ? MemorySystem.Current.PhysicalMemory : options.ClassCapacity;
        _index = index;
        Size = size;
        _step = Math.Max(size, Math.Max(SmallestStep, huge));
        _request = new ReserveRequest
        {
            Length = Math.Max(size, PageSize.AlignDown(capacity, size)),
            Alignment = Math.Max(size, huge), // blocks are aligned to their size, as the classes of allocators are
        };
    }

    public nuint Size { get; }

    /// <summary>What owns the addresses; null until a block is wanted.</summary>
    public MappingHandle? Mapping { get; private set; }

    /// <summary>Takes blocks that lie one behind the other from the addresses that were never used; none when they are used up.</summary>
    public SystemError Carve(PagePool pool, in PagePoolOptions options, ref PoolBlocks carved)
    {
        SystemError error = Mapping is null ? Reserve(options) : SystemError.None;
        if (error.Failed)
        {
            return error;
        }

        nuint length = Math.Min(_step, _request.Length - _used);
        for (nuint offset = 0; offset < length; offset += Size)
        {
            carved.Add(new PoolBlock(pool, Mapping!, Mapping!.Address + _used + offset, Size, _index));
        }

        _used += length; // last: had there been no memory for the objects, nothing would have been taken
        return SystemError.None;
    }

    /// <remarks>
    /// The pool's lease keeps the finalizer of a lost pool from unmapping blocks that are still in use somewhere: see the pool's finalizer.
    /// </remarks>
    private SystemError Reserve(in PagePoolOptions options)
    {
        SystemError error = MappingHandle.TryReserve(_request, options.Name, out MappingHandle? mapping);
        if (!error.Failed)
        {
            mapping!.Acquire(default);
            Mapping = mapping;
            Advise(mapping.Address, mapping.Length, options);
        }

        return error;
    }

    /// <summary>Wishes, told again where memory was mapped anew. What the system does not take, it does without.</summary>
    public static void Advise(nuint address, nuint length, in PagePoolOptions options)
    {
        if (options.TransparentHugePages)
        {
            _ = MemorySystem.Current.Advise(address, length, Advice.HugePage);
        }
    }
}
