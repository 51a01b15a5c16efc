using System.Numerics;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for <see cref="VirtualBuffer.Reserve"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct ReserveOptions
{
    /// <summary>The address will be a multiple of this: a power of two in bytes. 0, or less than a page: a page.</summary>
    public nuint Alignment { get; init; }

    /// <summary>No byte of the buffer lies below this address; 0 for no bound.</summary>
    public nuint LowestAddress { get; init; }

    /// <summary>No byte of the buffer lies above this address; 0 for no bound.</summary>
    public nuint HighestAddress { get; init; }

    /// <summary>
    /// Whether committed memory is to be of transparent huge pages where the system allows them: the address is aligned to them, and the kernel
    /// told before the first touch.
    /// </summary>
    public bool TransparentHugePages { get; init; }

    /// <summary>The NUMA nodes that give what is committed: said of each part as it is committed, so also where it was decommitted before.</summary>
    public NumaPolicy NumaPolicy { get; init; }

    /// <summary>A name: see <see cref="AllocationOptions.Name"/>.</summary>
    public string? Name { get; init; }

    internal ReserveRequest ToRequest(nuint length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (Alignment != 0 && !BitOperations.IsPow2(Alignment))
        {
            throw new ArgumentException($"An alignment must be a power of two; {Alignment} is not.");
        }

        if (HighestAddress != 0 && HighestAddress < LowestAddress)
        {
            throw new ArgumentException($"No address is at least {LowestAddress} and at most {HighestAddress}.");
        }

        nuint pageSize = PageSize.Base;
        return new ReserveRequest
        {
            Length = PageSize.TryAlignUp(length, pageSize, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, pageSize),
            Alignment = Math.Max(Math.Max(Alignment, pageSize), TransparentHugePages ? PageSize.TransparentHuge : 0),
            LowestAddress = LowestAddress,
            HighestAddress = HighestAddress,
        };
    }
}
