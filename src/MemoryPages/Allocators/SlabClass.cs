using System.Runtime.InteropServices;
using MemoryPages.Mapping;

namespace MemoryPages.Allocators;

/// <summary>
/// What stands at the beginning of a slab: blocks of one size stand behind it. Found from a block's address, which slabs are aligned for.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SlabHeader
{
    public SlabHeader* Next;     // among the slabs of the class that have room
    public SlabHeader* Previous;
    public nuint Free;           // the first of its blocks that came back; each one's first word leads to the next
    public int Used;             // blocks that are not here
    public int Carved;           // blocks that were ever given: those behind were never touched
}

/// <summary>Blocks of one size, for all threads: the slabs that they are carved from and come back to.</summary>
/// <param name="size">Bytes of a block.</param>
/// <param name="slabSize">Bytes of a slab, and what its address is a multiple of.</param>
/// <param name="keptEmpty">How many slabs without a block in use are kept for the next.</param>
internal sealed unsafe class SlabClass(nuint size, nuint slabSize, int keptEmpty)
{
    private readonly UninterruptedLock _gate = new();
    private readonly nuint _first = Math.Max((nuint)sizeof(SlabHeader), size & (0 - size)); // a size that is a power of two aligns its blocks
    private SlabHeader* _roomy;
    private int _empty;
    private int _keptEmpty = keptEmpty;

    /// <summary>How many blocks go between a thread and the slabs at a time: as many as pay for the lock.</summary>
    public int Batch { get; } = (int)Math.Clamp((8 << 10) / size, 2, 64);

    private int Capacity => (int)((slabSize - _first) / size);

    /// <summary>Takes up to a number of blocks, chained by their first words.</summary>
    /// <returns>How many: 0 where a slab is needed.</returns>
    public int Take(int wished, out nuint chain)
    {
        chain = 0;
        int taken = 0;
        using (_gate.Enter())
        {
            while (taken < wished && _roomy != null)
            {
                SlabHeader* slab = _roomy;
                _empty -= slab->Used == 0 ? 1 : 0;
                for (; taken < wished && slab->Used < Capacity; taken++)
                {
                    nuint block = TakeOne(slab);
                    *(nuint*)block = chain;
                    chain = block;
                }

                if (slab->Used == Capacity)
                {
                    Unlink(slab);
                }
            }
        }

        return taken;
    }

    /// <summary>Takes a fresh slab.</summary>
    public void Add(nuint address)
    {
        var slab = (SlabHeader*)address;
        *slab = default;
        using (_gate.Enter())
        {
            Link(slab);
            _empty++;
        }
    }

    /// <summary>Takes a chain of blocks back.</summary>
    /// <returns>Slabs that nobody needs any more, chained: one that is empty is kept for the next.</returns>
    public SlabHeader* Return(nuint chain)
    {
        SlabHeader* unneeded = null;
        using (_gate.Enter())
        {
            while (chain != 0)
            {
                nuint block = chain;
                chain = *(nuint*)block;
                var slab = (SlabHeader*)(block & ~(slabSize - 1));
                if (slab->Used == Capacity)
                {
                    Link(slab);
                }

                *(nuint*)block = slab->Free;
                slab->Free = block;
                slab->Used--;
                _empty += slab->Used == 0 ? 1 : 0;
                if (slab->Used == 0 && _empty > _keptEmpty)
                {
                    _empty--;
                    Unlink(slab);
                    slab->Next = unneeded;
                    unneeded = slab;
                }
            }
        }

        return unneeded;
    }

    /// <summary>Takes out all slabs that are empty, chained.</summary>
    /// <param name="forGood">Keep none from here on, either.</param>
    public SlabHeader* TakeEmpty(bool forGood)
    {
        SlabHeader* empty = null;
        using (_gate.Enter())
        {
            _keptEmpty = forGood ? 0 : _keptEmpty;
            for (SlabHeader* slab = _roomy, next; slab != null; slab = next)
            {
                next = slab->Next;
                if (slab->Used == 0)
                {
                    Unlink(slab);
                    slab->Next = empty;
                    empty = slab;
                }
            }

            _empty = 0;
        }

        return empty;
    }

    private nuint TakeOne(SlabHeader* slab)
    {
        slab->Used++;
        nuint block = slab->Free;
        if (block == 0)
        {
            return (nuint)slab + _first + ((nuint)slab->Carved++ * size);
        }

        slab->Free = *(nuint*)block;
        return block;
    }

    private void Link(SlabHeader* slab)
    {
        slab->Previous = null;
        slab->Next = _roomy;
        if (_roomy != null)
        {
            _roomy->Previous = slab;
        }

        _roomy = slab;
    }

    private void Unlink(SlabHeader* slab)
    {
        if (slab->Next != null)
        {
            slab->Next->Previous = slab->Previous;
        }

        if (slab->Previous != null)
        {
            slab->Previous->Next = slab->Next;
        }
        else
        {
            _roomy = slab->Next;
        }
    }
}
