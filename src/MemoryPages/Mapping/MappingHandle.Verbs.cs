using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>What is done on a part of the range under a lease, whoever holds it: typed pages, reserved buffers.</summary>
internal sealed partial class MappingHandle
{
    /// <summary>
    /// Calls the system on the part, rounded outward, and makes an exception of what it refuses: the shape of every verb that changes no content.
    /// </summary>
    public void Apply<TState>(string operation, PageRange? wished, TState state, Func<MappingHandle, nuint, nuint, TState, SystemError> call)
    {
        PageRange range = wished ?? Whole;
        ThrowIfOutside(range);
        (nuint address, nuint length) = Outward(range);
        SystemError error = length == 0 ? SystemError.None : call(this, address, length, state);
        if (error.Failed)
        {
            throw Failure(error, operation, address, length);
        }
    }

    /// <summary>The base pages that hold a byte of the part.</summary>
    public (nuint Address, nuint Count) BasePages(PageRange? wished)
    {
        ThrowIfOutside(wished ?? Whole);
        nuint pageSize = MemorySystem.Current.PageSize;
        (nuint address, nuint length) = Outward(wished ?? Whole, pageSize);
        return (address, length / pageSize);
    }

    /// <summary>The number of base pages of the part that are resident; each one's answer where there is room for them.</summary>
    public nuint CountResidentPages(string operation, PageRange? wished, Span<bool> isResident) =>
        CountResidentPages(operation, wished, isResident, out _, out _);

    /// <summary>
    /// The bytes of the resident base pages of the part, but for those that are not the user's: a file begins and ends within a page.
    /// </summary>
    public nuint CountResidentBytes(string operation, PageRange? wished)
    {
        nuint pageSize = MemorySystem.Current.PageSize;
        nuint bytes = CountResidentPages(operation, wished, [], out bool first, out bool last) * pageSize;
        (nuint address, nuint count) = BasePages(wished);
        nuint end = address + (count * pageSize);
        if (first && address < Address)
        {
            bytes -= Address - address;
        }

        if (last && end > Address + Length)
        {
            bytes -= end - (Address + Length);
        }

        return bytes;
    }

    private nuint CountResidentPages(string operation, PageRange? wished, Span<bool> isResident, out bool isFirst, out bool isLast)
    {
        const int Chunk = 1024;
        Span<byte> answers = stackalloc byte[Chunk];
        nuint resident = 0;
        (isFirst, isLast) = (false, false);
        nuint pageSize = MemorySystem.Current.PageSize;
        (nuint address, nuint total) = BasePages(wished);
        for (nuint first = 0; first < total; first += Chunk)
        {
            Span<byte> pages = answers[..(int)Math.Min(Chunk, total - first)];
            SystemError error = MemorySystem.Current.QueryResidency(address + (first * pageSize), pages);
            if (error.Failed)
            {
                throw Failure(error, operation, address, total * pageSize);
            }

            for (int i = 0; i < pages.Length; i++)
            {
                bool present = (pages[i] & 1) != 0;
                resident += present ? 1u : 0u;
                isFirst |= present && first + (nuint)i == 0;
                isLast = present;
                if (!isResident.IsEmpty)
                {
                    isResident[(int)first + i] = present;
                }
            }
        }

        return resident;
    }
}
