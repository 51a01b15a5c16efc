namespace MemoryPages.Platform;

/// <content>Alignment and guards, for systems that choose addresses and know neither: more are taken than are needed.</content>
internal abstract partial class MemorySystem
{
    /// <summary>Bytes to take so that an aligned range between guards lies in them; false for more than any system has.</summary>
    private protected bool TryAddSlack(nuint length, nuint guard, nuint alignment, out nuint total)
    {
        nuint slack = alignment - PageSize;
        bool fits = length <= nuint.MaxValue / 2 && guard <= nuint.MaxValue / 8 && slack <= nuint.MaxValue / 8; // no sum of these overflows
        total = fits ? length + (2 * guard) + slack : 0;
        return fits;
    }

    /// <summary>The first such range in what was taken: the addresses before and behind it are given back.</summary>
    private protected MappedRange GiveSlackBack(nuint start, nuint total, nuint length, nuint guard, nuint alignment)
    {
        nuint address = MemoryPages.PageSize.AlignUp(start + guard, alignment);
        var range = new MappedRange(address, address - guard, length + (2 * guard));
        nuint rest = range.ReservedAddress + range.ReservedLength;
        if (range.ReservedAddress > start)
        {
            _ = Unmap(start, range.ReservedAddress - start);
        }

        if (start + total > rest)
        {
            _ = Unmap(rest, start + total - rest);
        }

        return range;
    }
}
