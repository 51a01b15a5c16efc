using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>What a front cannot do by itself: misses, blocks beyond its share, mappings of their own.</content>
public sealed partial class PagePool
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PoolBlock RentSlowlyOrThrow(nuint length)
    {
        SystemError error = RentSlowly(length, out PoolBlock? block);
        return error.Failed ? throw MappingHandle.Failure(error, nameof(Rent), _options.Name, 0, length, PageSize.Base) : block!;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SystemError RentSlowly(nuint length, out PoolBlock? block)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        int index = ClassOf(length);
        if (index >= _sizes.Length)
        {
            return RentMapping(length, out block);
        }

        nuint size = _sizes[index];
        PoolFront front = EnterOrThrow();
        block = front.TryRent(index, size);
        if (block is not null)
        {
            front.Exit();
            return SystemError.None;
        }

        front.CountRental(size);
        front.Exit();
        bool rented = false;
        try
        {
            SystemError error = _store.Take(index, out block);
            rented = block is not null;
            if (error.Failed)
            {
                return error;
            }
        }
        finally
        {
            if (!rented)
            {
                Forget(size);
            }
        }

        // A class that has given out all of its addresses.
        return rented ? SystemError.None : RentMapping(size, out block);
    }

    /// <summary>A mapping for one rental.</summary>
    private SystemError RentMapping(nuint length, out PoolBlock? block)
    {
        block = null;
        nuint pageSize = PageSize.Base;
        nuint mapped = PageSize.TryAlignUp(length, pageSize, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, pageSize);
        bool huge = _options.TransparentHugePages && mapped >= PageSize.TransparentHuge;
        AnonymousRequest request = new()
        {
            Length = mapped,
            Protection = PageProtection.Read | PageProtection.Write,
            PageSize = pageSize,
            Alignment = huge ? Math.Max(pageSize, PageSize.TransparentHuge) : pageSize,
            TransparentHuge = huge,
        };
        PoolFront front = EnterOrThrow();
        front.CountRental(mapped);
        front.Exit();
        MappingHandle? mapping = null;
        try
        {
            SystemError error = MappingHandle.TryAllocate(request, populate: false, _options.Name, out mapping);
            if (error.Failed)
            {
                return error;
            }

            mapping!.Acquire(default);
            block = new PoolBlock(this, mapping, mapping.Address, mapped, _sizes.Length);
            _store.CountMiss();
            return error;
        }
        finally
        {
            if (block is null)
            {
                mapping?.CloseOnceIdle();
                Forget(mapped);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnSlowly(PoolBlock block)
    {
        if (block.Index == _sizes.Length)
        {
            block.Mapping.CloseOnceIdle();
            block.Mapping.Release();
        }
        else if (EnterUnlessClosed() is { } front)
        {
            bool returned = front.TryReturn(block);
            front.Exit();
            if (returned)
            {
                return;
            }

            _store.Put(block);
        }
        else
        {
            _store.Release(block);
        }

        if (EnterUnlessClosed() is { } last)
        {
            last.CountReturn(block.Length);
            last.Exit();
        }
        else
        {
            Leave();
        }
    }

    private void Forget(nuint length)
    {
        if (EnterUnlessClosed() is { } front)
        {
            front.ForgetRental(length);
            front.Exit();
        }
        else
        {
            Leave();
        }
    }

    private static unsafe void MakeZero(PoolBlock block)
    {
        if (!block.ReadsZero)
        {
            NativeMemory.Clear((void*)block.Address, block.Length);
        }

        block.ReadsZero = false; // from here on the user's
    }
}
