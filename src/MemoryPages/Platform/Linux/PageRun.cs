namespace MemoryPages.Platform.Linux;

/// <summary>Neighbouring base pages of which the same is true, and something at all.</summary>
internal readonly record struct PageRun(nuint Address, nuint Length, PageState State);

/// <summary>What is true of a page.</summary>
[Flags]
internal enum PageState
{
    None = 0,

    /// <summary>In memory, and not the page of zeros.</summary>
    Present = 1,

    Swapped = 2,

    /// <summary>Mapped by one entry with all others of its huge page.</summary>
    Huge = 4,
}
