using MemoryPages.Mapping;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages.Allocators;

/// <summary>Where slabs and large blocks come from: pages, found again by the address that was given for them.</summary>
internal abstract class SlabPages
{
    private readonly UninterruptedLock _gate = new();
    private readonly Dictionary<nuint, RentedRange> _rented = [];
    private nuint _bytes;

    public nuint Bytes => Volatile.Read(ref _bytes);

    /// <summary>Rents pages.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="address">Where they are: a multiple of the alignment.</param>
    /// <param name="isFresh">Whether they read zero throughout.</param>
    public SystemError TryRent(nuint length, nuint alignment, out nuint address, out bool isFresh)
    {
        address = 0;
        SystemError error = TryTake(length, alignment, out RentedRange range, out isFresh);
        if (error.Failed)
        {
            return error;
        }

        bool kept = false;
        try
        {
            using (_gate.Enter())
            {
                _rented.Add(range.Address, range);
                _bytes += range.Length;
                kept = true;
            }
        }
        finally
        {
            if (!kept)
            {
                GiveBack(range); // no memory for the entry
            }
        }

        address = range.Address;
        return error;
    }

    /// <summary>Bytes that were rented at an address.</summary>
    /// <exception cref="InvalidOperationException">None were.</exception>
    public nuint LengthOf(nuint address)
    {
        using (_gate.Enter())
        {
            return _rented.TryGetValue(address, out RentedRange range) ? range.Length : throw Unknown(address);
        }
    }

    /// <exception cref="InvalidOperationException">Nothing is rented there.</exception>
    public void Return(nuint address)
    {
        RentedRange range;
        using (_gate.Enter())
        {
            if (!_rented.Remove(address, out range))
            {
                throw Unknown(address);
            }

            _bytes -= range.Length;
        }

        GiveBack(range);
    }

    protected abstract SystemError TryTake(nuint length, nuint alignment, out RentedRange range, out bool isFresh);

    protected abstract void GiveBack(RentedRange range);

    private static InvalidOperationException Unknown(nuint address) => new(
        $"The allocator has no block at 0x{address:x}: it was freed before, came from another allocator, or has another layout.");

    /// <summary>Pages that somebody has.</summary>
    /// <param name="Address">The first byte.</param>
    /// <param name="Length">Bytes from there on.</param>
    /// <param name="Block">What they are of, where that is a page pool's block.</param>
    protected readonly record struct RentedRange(nuint Address, nuint Length, PoolBlock? Block);
}
