using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for an <see cref="ArenaAllocator"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct ArenaOptions
{
    /// <summary>
    /// The most bytes that the arena can ever hold, rounded up to whole pages: so many are reserved, as addresses. 0: as many as the machine has
    /// memory.
    /// </summary>
    public nuint MaximumBytes { get; init; }

    /// <summary>
    /// Never use transparent huge pages. By default an arena asks for them behind its first one, so that small arenas stay small and large ones take
    /// few faults.
    /// </summary>
    public bool NoHugePages { get; init; }

    /// <summary>A name: see <see cref="AllocationOptions.Name"/>.</summary>
    public string? Name { get; init; }

    internal ReserveRequest ToRequest()
    {
        nuint pageSize = PageSize.Base;
        nuint length = MaximumBytes == 0 ? MemorySystem.Current.PhysicalMemory : MaximumBytes;
        return new ReserveRequest
        {
            Length = PageSize.TryAlignUp(length, pageSize, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, pageSize),
            Alignment = Math.Max(pageSize, NoHugePages ? 0 : PageSize.TransparentHuge),
        };
    }
}
