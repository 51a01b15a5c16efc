using MemoryPages.Code;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>
/// Functions of a <see cref="CodeHeap"/> that are written one after another and can be called all at once: from <see cref="Publish"/> on.
/// </summary>
/// <remarks>
/// In a flipped heap the functions of a batch share pages, which one call of the system makes executable and which become free when the last of their
/// functions is freed. Addresses are final when a function is emitted, so that functions of a batch can call one another. For one thread at a time:
/// threads take batches of their own.
/// </remarks>
[Owner, UsableWhenSpent]
public sealed class CodeBatch : IDisposable
{
    private readonly CodeHeap _heap;
    private readonly int _capacity;
    private readonly List<CodeExtent> _functions = [];
    private readonly List<(CodeExtent Pages, int Used)> _pages = []; // not published yet; the last of them takes more functions
    private bool _isDisposed;

    internal CodeBatch(CodeHeap heap, int capacity)
    {
        _heap = heap;
        _capacity = capacity;
    }

    /// <summary>Functions that wait to be published.</summary>
    public int Count => _functions.Count;

    /// <summary>As <see cref="CodeHeap.Emit(ReadOnlySpan{byte}, string?)"/>; the function cannot be called before the batch is published.</summary>
    /// <param name="code">Machine code of this processor.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <exception cref="ArgumentException"><paramref name="code"/> is empty.</exception>
    /// <exception cref="ObjectDisposedException">The batch or the heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory.</exception>
    public CodeBlock Emit(scoped ReadOnlySpan<byte> code, string? name = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new CodeBlock(_heap.Emit(this, code, name));
    }

    /// <summary>As <see cref="CodeHeap.Emit(CodeAction, string?)"/>; the function cannot be called before the batch is published.</summary>
    /// <param name="write">Writes it. Called again where there was too little room: <see cref="CodeWriter"/>.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <exception cref="ArgumentException">The action wrote nothing.</exception>
    /// <exception cref="ObjectDisposedException">The batch or the heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory.</exception>
    public CodeBlock Emit(CodeAction write, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Emit(write, static (ref writer, write) => write(ref writer), name);
    }

    /// <summary>
    /// As <see cref="CodeHeap.Emit{TState}(TState, CodeAction{TState}, string?)"/>; the function cannot be called before the batch is published.
    /// </summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">The state: what a closure would hold.</param>
    /// <param name="write">Writes it. Called again where there was too little room: <see cref="CodeWriter"/>.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <exception cref="ArgumentException">The action wrote nothing.</exception>
    /// <exception cref="ObjectDisposedException">The batch or the heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory.</exception>
    public CodeBlock Emit<TState>(TState state, CodeAction<TState> write, string? name = null)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new CodeBlock(_heap.Emit(this, state, write, name));
    }

    /// <summary>Makes the functions callable, with one call of the system for all that share pages. The batch is empty then, and can go on.</summary>
    /// <exception cref="ObjectDisposedException">The batch or the heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused: functions that cannot be called yet stay in the batch, to be published by another attempt or discarded.
    /// </exception>
    public void Publish()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _heap.Publish(this);
    }

    /// <summary>Frees what is not published. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            foreach (CodeExtent function in _functions)
            {
                function.CloseOnceIdle();
            }

            _functions.Clear();
            _heap.End(this);
        }
    }

    // The rest is called under the heap's lock.

    /// <summary>Room in the last pages of the batch, or in new ones.</summary>
    internal CodeExtent? Allocate(int room, out SystemError error)
    {
        error = SystemError.None;
        int capacity = AlignUp(room);
        if (_pages.Count == 0 || _pages[^1].Pages.Capacity - _pages[^1].Used < capacity)
        {
            CodeExtent? fresh = _heap.Allocate(Math.Max(_capacity, capacity), out error) ?? _heap.Allocate(capacity, out error);
            if (fresh is null)
            {
                return null;
            }

            fresh.Holders = 1;
            _pages.Add((fresh, 0));
        }

        (CodeExtent pages, int used) = _pages[^1];
        pages.Holders++;
        _pages[^1] = (pages, used + capacity);
        return new CodeExtent(_heap, pages.Offset + used, capacity) { Pages = pages };
    }

    /// <summary>The last function needs no more than this.</summary>
    internal void Trim(CodeExtent function, int length)
    {
        int capacity = AlignUp(length);
        (CodeExtent pages, int used) = _pages[^1];
        _pages[^1] = (pages, used - function.Capacity + capacity);
        function.Capacity = capacity;
    }

    internal void Add(CodeExtent function) => _functions.Add(function);

    /// <summary>Stops at the first refusal, with the length of what was refused.</summary>
    internal SystemError PublishPages(out nuint length)
    {
        while (_pages.Count != 0)
        {
            (CodeExtent pages, int used) = _pages[0];
            length = (nuint)pages.Capacity;
            SystemError error = _heap.PublishPages(pages, used);
            if (error.Failed)
            {
                return error;
            }

            _pages.RemoveAt(0);
            Mark(pages);
            _heap.LetGoOf(pages);
        }

        length = 0;
        Mark(null); // those with bytes of their own: in a dual-mapped heap
        return SystemError.None;
    }

    internal void LetGo()
    {
        foreach ((CodeExtent pages, _) in _pages)
        {
            _heap.LetGoOf(pages);
        }

        _pages.Clear();
    }

    private void Mark(CodeExtent? pages) => _functions.RemoveAll(function =>
    {
        if (function.Pages == pages && !function.IsClosed)
        {
            _heap.MarkPublished(function);
        }

        return function.Pages == pages;
    });

    private int AlignUp(int length) => (int)PageSize.AlignUp((nuint)length, (nuint)_heap.Alignment);
}
