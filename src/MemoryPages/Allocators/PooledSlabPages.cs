using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages.Allocators;

/// <summary>Pages of a page pool: warm ones.</summary>
/// <param name="pages">Where they come from.</param>
/// <param name="ownsPages">Whether the page pool ends with this.</param>
internal sealed class PooledSlabPages(PagePool pages, bool ownsPages) : SlabPages
{
    /// <summary>Gives the memory of free pages back to the system, if they are not somebody else's to keep.</summary>
    public void Trim()
    {
        if (ownsPages)
        {
            pages.Trim();
        }
    }

    /// <summary>What is rented stays until it is returned.</summary>
    public void Close()
    {
        if (ownsPages)
        {
            pages.Dispose();
        }
    }

    /// <remarks>Blocks of the pool are aligned to their size; a mapping of its own may have to be longer for that.</remarks>
    protected override SystemError TryTake(nuint length, nuint alignment, out RentedRange range, out bool isFresh)
    {
        (range, isFresh) = (default, false);
        SystemError error = pages.TryRentBlock(Math.Max(length, alignment), out PoolBlock? block);
        if (!error.Failed && !PageSize.IsAligned(block!.Address, alignment))
        {
            pages.Return(block, block.Ticket);
            error = pages.TryRentBlock(length + alignment, out block);
        }

        if (!error.Failed)
        {
            nuint address = PageSize.AlignUp(block!.Address, alignment);
            range = new RentedRange(address, block.Length - (address - block.Address), block);
            isFresh = pages.IsOwnMapping(block);
        }

        return error;
    }

    protected override void GiveBack(RentedRange range) => pages.Return(range.Block!, range.Block!.Ticket);
}
