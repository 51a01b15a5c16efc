using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>From the user's bytes to the system's pages. There are two roundings, and each verb must choose: never one for both.</summary>
internal sealed partial class MappingHandle
{
    public PageRange Whole => new(0, Length);

    /// <exception cref="ArgumentOutOfRangeException">The range is not within the user's bytes.</exception>
    public void ThrowIfOutside(PageRange range, string parameter = "range")
    {
        if (!range.IsWithin(Length))
        {
            Throw(range, Length, parameter);
        }

        static void Throw(PageRange range, nuint length, string parameter) => throw new ArgumentOutOfRangeException(
            parameter, range, $"Offset {range.Offset} and length {range.Length} do not lie within the pages' {length} bytes.");
    }

    /// <summary>Every page that holds a byte of the range: for what protects, advises, locks or makes resident.</summary>
    public (nuint Address, nuint Length) Outward(PageRange range) => Outward(range, PageSize);

    /// <summary>The same in pages of another size than the mapping's: residency is told in base pages, also of huge ones.</summary>
    public (nuint Address, nuint Length) Outward(PageRange range, nuint pageSize)
    {
        if (range.Length == 0)
        {
            return (Address + range.Offset, 0);
        }

        nuint start = MemoryPages.PageSize.AlignDown(Address + range.Offset, pageSize);
        nuint end = MemoryPages.PageSize.AlignUp(Address + range.Offset + range.Length, pageSize);
        return (start, end - start);
    }

    /// <summary>Only pages that lie in the range whole: for what destroys content.</summary>
    public (nuint Address, nuint Length) Inward(PageRange range)
    {
        nuint start = MemoryPages.PageSize.AlignUp(Address + range.Offset, PageSize);
        nuint end = MemoryPages.PageSize.AlignDown(Address + range.Offset + range.Length, PageSize);
        return (start, end > start ? end - start : 0);
    }

    /// <summary>The user's range for addresses of the system's.</summary>
    public PageRange RangeOf(nuint address, nuint length) => length == 0 ? default : new PageRange(address - Address, length);
}
