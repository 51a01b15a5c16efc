namespace MemoryPages.Physical;

/// <summary>What frames are wished: so many pages of a size, and where.</summary>
/// <param name="PageSize">The page that is used.</param>
/// <param name="Count">Pages.</param>
/// <param name="Alignment">The first frame is a multiple of this.</param>
/// <param name="Boundary">What is not longer than this crosses none of its multiples; 0 for no bound.</param>
/// <param name="MaxAddress">The highest address of a byte; <see cref="ulong.MaxValue"/> for no bound.</param>
/// <param name="Scattered">They need not be neighbours.</param>
internal readonly record struct FramePlace(nuint PageSize, int Count, ulong Alignment, ulong Boundary, ulong MaxAddress, bool Scattered)
{
    public ulong Length => (ulong)Count * PageSize;

    /// <summary>Whether neighbouring frames from here on are as wished.</summary>
    public bool AllowsStart(ulong start) =>
        (start & (Alignment - 1)) == 0
        && MaxAddress >= Length - 1 && start <= MaxAddress - (Length - 1)
        && (Boundary == 0 || Length > Boundary || (start & ~(Boundary - 1)) == ((start + Length - 1) & ~(Boundary - 1)));

    /// <summary>Whether a frame can be one of scattered ones.</summary>
    public bool AllowsFrame(ulong frame) => MaxAddress >= PageSize - 1 && frame <= MaxAddress - (PageSize - 1);
}
