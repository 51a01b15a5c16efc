using System.Numerics;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for lists on reserved address space. <c>default</c> wishes nothing.</summary>
public readonly record struct ListOptions
{
    /// <summary>
    /// The most elements that the list can ever hold: so many are reserved, as addresses. null: as many as the machine's memory could ever hold.
    /// </summary>
    public nint? MaximumCapacity { get; init; }

    /// <summary>Elements for which memory is committed from the start.</summary>
    public nint InitialCapacity { get; init; }

    /// <summary>Bytes in front of the elements that the list leaves to its user: see <c>Header</c> of the list.</summary>
    public nuint HeaderSize { get; init; }

    /// <summary>What the header's address is a multiple of: a power of two; 0 for any.</summary>
    public nuint HeaderAlignment { get; init; }

    /// <summary>What the first element's address is a multiple of: a power of two, up to far beyond a page; 0 for the type's own.</summary>
    public nuint ElementAlignment { get; init; }

    /// <summary>How capacity grows.</summary>
    public GrowthStrategy Growth { get; init; }

    /// <summary>
    /// Never use transparent huge pages. By default lists ask for them behind their first 2 MiB (or what the huge page is), so that small lists stay
    /// small and large ones take few faults.
    /// </summary>
    public bool NoHugePages { get; init; }

    /// <summary>Advice for all of the list's memory, now and later; null for none.</summary>
    public Advice? Advice { get; init; }

    /// <summary>A name: see <see cref="AllocationOptions.Name"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Bytes from the reservation's start to the first element, and from there to its end.</summary>
    internal (nuint ElementOffset, nint MaximumCapacity, ReserveRequest Request) Layout(nuint elementSize)
    {
        ThrowIfNotPowerOfTwo(HeaderAlignment, nameof(HeaderAlignment));
        ThrowIfNotPowerOfTwo(ElementAlignment, nameof(ElementAlignment));
        ArgumentOutOfRangeException.ThrowIfNegative(InitialCapacity, nameof(InitialCapacity));
        nint maximum = MaximumCapacity ?? (nint)(MemorySystem.Current.PhysicalMemory / elementSize);
        ArgumentOutOfRangeException.ThrowIfNegative(maximum, nameof(MaximumCapacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InitialCapacity, maximum, nameof(InitialCapacity));

        // The largest alignment that a type can ask of its elements; pages give far more by themselves.
        nuint elementAlignment = Math.Max(ElementAlignment, 16);
        UInt128 offset = HeaderSize == 0 ? 0 : ((UInt128)HeaderSize + elementAlignment - 1) / elementAlignment * elementAlignment;
        UInt128 total = offset + ((UInt128)(nuint)maximum * elementSize);
        if (total > (UInt128)nint.MaxValue)
        {
            throw new ArgumentException($"{maximum} elements of {elementSize} bytes behind a header of {HeaderSize} exceed the address space.");
        }

        nuint pageSize = PageSize.Base;
        return ((nuint)offset, maximum, new ReserveRequest
        {
            Length = PageSize.AlignUp(Math.Max((nuint)total, 1), pageSize),
            Alignment = Math.Max(Math.Max(elementAlignment, HeaderAlignment), Math.Max(pageSize, NoHugePages ? 0 : PageSize.TransparentHuge)),
        });
    }

    private static void ThrowIfNotPowerOfTwo(nuint alignment, string name)
    {
        if (alignment != 0 && !BitOperations.IsPow2(alignment))
        {
            throw new ArgumentException($"An alignment must be a power of two; {alignment} is not.", name);
        }
    }
}
