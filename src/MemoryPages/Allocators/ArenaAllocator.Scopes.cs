namespace MemoryPages;

/// <content>Scopes: which blocks are whose, so that the end of one takes back what nobody uses and nothing else.</content>
public sealed unsafe partial class ArenaAllocator
{
    private (nuint Start, nint Live)[] _outer = []; // of the scopes around the innermost: the first _depth of them
    private int _depth;
    private nuint _scopeStart; // blocks of the innermost scope are not below this

    private nint LiveInOuterScopes
    {
        get
        {
            nint live = 0;
            foreach ((nuint _, nint blocks) in _outer.AsSpan(0, _depth))
            {
                live += blocks;
            }

            return live;
        }
    }

    /// <summary>
    /// Begins a scope, for <c>using</c>: when it ends, the memory that was allocated within it comes back, if all of its blocks were freed.
    /// </summary>
    /// <returns>
    /// The scope. Where blocks of it are in use when it ends, their memory, and all behind it, stays until a scope around it, or the arena, gives it
    /// back.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public ArenaScope Mark() => EnterScope(dropsBlocks: false);

    internal ArenaScope EnterScope(bool dropsBlocks)
    {
        ThrowIfDisposed();
        if (_depth == _outer.Length)
        {
            Array.Resize(ref _outer, Math.Max(4, 2 * _depth));
        }

        _outer[_depth] = (_scopeStart, _live);
        _depth++;
        (_scopeStart, _live) = (_next, 0);
        return new ArenaScope(this, _depth, dropsBlocks);
    }

    /// <exception cref="InvalidOperationException">
    /// It is not the innermost scope: that is open yet, or this one ended before, through a copy.
    /// </exception>
    internal void ExitScope(int depth, bool dropsBlocks)
    {
        if (IsDisposed)
        {
            return;
        }

        if (depth != _depth)
        {
            throw new InvalidOperationException(depth < _depth
                ? "A scope within this one is open: scopes end in the opposite order of their beginning."
                : "This scope has ended already: a copy of it was disposed. Scopes must not be copied.");
        }

        _depth--;
        if (dropsBlocks || _live == 0)
        {
            _live = 0;
            RewindTo(_scopeStart);
        }

        _live += _outer[_depth].Live;
        _scopeStart = _outer[_depth].Start;
    }

    private void FreeInOuterScope(nuint address)
    {
        if (IsDisposed)
        {
            return;
        }

        int scope = _depth - 1;
        while (address < _outer[scope].Start)
        {
            scope--;
        }

        _outer[scope].Live--;
    }
}
