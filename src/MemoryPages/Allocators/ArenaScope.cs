using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>A scope of an <see cref="ArenaAllocator"/>, until it is disposed: what was allocated within it comes back then.</summary>
/// <remarks>Only <c>using</c> can end it: there is no Dispose to call early or twice. Do not copy it.</remarks>
[MoveOnly]
public ref struct ArenaScope : IDisposable
{
    private readonly int _depth;
    private readonly bool _dropsBlocks;
    private ArenaAllocator? _arena;

    internal ArenaScope(ArenaAllocator arena, int depth, bool dropsBlocks)
    {
        _arena = arena;
        _depth = depth;
        _dropsBlocks = dropsBlocks;
    }

    /// <exception cref="InvalidOperationException">A scope within it is open, or it was ended through a copy.</exception>
    void IDisposable.Dispose()
    {
        ArenaAllocator? arena = _arena;
        _arena = null;
        arena?.ExitScope(_depth, _dropsBlocks);
    }
}
