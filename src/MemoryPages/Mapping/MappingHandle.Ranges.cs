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
    /// <remarks>
    /// Private pages of a file may begin and end within a page, the rest of which is nobody's: such a page lies in the range whole if all of the
    /// user's bytes do. Of a shared file the rest is the file's all the same.
    /// </remarks>
    public (nuint Address, nuint Length) Inward(PageRange range)
    {
        bool restIsNobodys = Backing == Backing.PrivateFile && range.Length != 0;
        nuint start = restIsNobodys && range.Offset == 0 ? MappedAddress : MemoryPages.PageSize.AlignUp(Address + range.Offset, PageSize);
        nuint end = restIsNobodys && range.Offset + range.Length == Length
            ? MappedAddress + MappedLength
            : MemoryPages.PageSize.AlignDown(Address + range.Offset + range.Length, PageSize);
        return (start, end > start ? end - start : 0);
    }

    /// <summary>The user's range for addresses of the system's.</summary>
    public PageRange RangeOf(nuint address, nuint length)
    {
        nuint start = Math.Max(address, Address);
        return length == 0 ? default : new PageRange(start - Address, Math.Min(address + length, Address + Length) - start);
    }
}
