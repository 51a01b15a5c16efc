using MemoryPages.Code;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>From bytes to functions.</content>
public sealed partial class CodeHeap
{
    /// <summary>Room that an action finds at first: most functions fit.</summary>
    private const int FirstRoom = 512;

    /// <summary>A function of these bytes, which run wherever they are.</summary>
    /// <param name="code">Machine code of this processor.</param>
    /// <param name="name">Its name for profilers (<see cref="CodeHeapOptions.PerfMap"/>), or null.</param>
    /// <returns>The function. Dispose it when its code is not needed any more.</returns>
    /// <exception cref="ArgumentException"><paramref name="code"/> is empty.</exception>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory, or to make it executable: the heap is as it was.</exception>
    public CodeBlock Emit(scoped ReadOnlySpan<byte> code, string? name = null) => new(Emit(null, code, name));

    /// <summary>A function that an action writes, knowing its address.</summary>
    /// <param name="write">Writes it. Called again where there was too little room: <see cref="CodeWriter"/>.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <returns>The function. Dispose it when its code is not needed any more.</returns>
    /// <exception cref="ArgumentException">The action wrote nothing.</exception>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory, or to make it executable: the heap is as it was.</exception>
    public CodeBlock Emit(CodeAction write, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Emit(write, static (ref writer, write) => write(ref writer), name);
    }

    /// <summary>A function that an action writes out of a state, knowing its address.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">The state: what a closure would hold.</param>
    /// <param name="write">Writes it. Called again where there was too little room: <see cref="CodeWriter"/>.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <returns>The function. Dispose it when its code is not needed any more.</returns>
    /// <exception cref="ArgumentException">The action wrote nothing.</exception>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed, or has no room in a row that is long enough.</exception>
    /// <exception cref="MemoryPagesException">The system refused more memory, or to make it executable: the heap is as it was.</exception>
    public CodeBlock Emit<TState>(TState state, CodeAction<TState> write, string? name = null)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        return new CodeBlock(Emit(null, state, write, name));
    }

    /// <summary>As <see cref="Emit(ReadOnlySpan{byte}, string?)"/>; false where the heap has no room or the system refuses.</summary>
    /// <param name="code">Machine code of this processor.</param>
    /// <param name="block">The function, or <c>default</c>.</param>
    /// <param name="name">Its name for profilers, or null.</param>
    /// <exception cref="ArgumentException"><paramref name="code"/> is empty.</exception>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">The heap is sealed.</exception>
    public bool TryEmit(scoped ReadOnlySpan<byte> code, out CodeBlock block, string? name = null)
    {
        CodeExtent? extent = TryEmit(null, code, name, out _);
        block = extent is null ? default : new CodeBlock(extent);
        return extent is not null;
    }

    internal CodeExtent Emit(CodeBatch? batch, scoped ReadOnlySpan<byte> code, string? name) =>
        TryEmit(batch, code, name, out SystemError error) ?? throw Refusal(error, code.Length);

    /// <summary>Writes it, and publishes it unless it is one of a batch.</summary>
    internal CodeExtent Emit<TState>(CodeBatch? batch, TState state, CodeAction<TState> write, string? name)
        where TState : allows ref struct
    {
        // Twice where there was too little room at first; again only for code whose length changes with its address.
        const int Attempts = 8;
        int room = FirstRoom;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            CodeExtent extent = BeginWriting(batch, room, out SystemError error) ?? throw Refusal(error, room);
            try
            {
                var writer = new CodeWriter(_memory.At(extent.Offset, extent.Capacity), Address + (nuint)extent.Offset);
                write(ref writer, state);
                if (writer.Fits)
                {
                    ThrowIfEmpty(writer.Position);
                    error = EndWriting(batch, extent, writer.Position, name);
                    CodeExtent written = error.Failed ? throw Refusal(error, writer.Position) : extent;
                    extent = null!;
                    return written;
                }

                room = writer.Position;
            }
            finally
            {
                _memory.Writer.Release();
                Abandon(extent);
            }
        }

        throw new InvalidOperationException("The action wrote code of another length each time it was called: it must write the same again.");
    }

    /// <summary>The function is not used any more, by anybody.</summary>
    internal void Free(CodeExtent extent)
    {
        lock (_lock)
        {
            _unpublished -= extent.IsPublished ? 0 : 1;
            if (_isDisposed || _isSealed)
            {
                return; // the memory goes as a whole, or stays as it is
            }

            if (extent.Pages is null)
            {
                _memory.Retire(extent.Offset, extent.Capacity);
                _space.Free(extent);
                return;
            }

            if (!extent.IsPublished)
            {
                _memory.FillWithTraps(extent.Offset, extent.Capacity); // its pages will be published with the rest of the batch
            }

            LetGoOf(extent.Pages);
        }
    }

    private CodeExtent? TryEmit(CodeBatch? batch, scoped ReadOnlySpan<byte> code, string? name, out SystemError error)
    {
        ThrowIfEmpty(code.Length);
        if (BeginWriting(batch, code.Length, out error) is not { } extent)
        {
            return null;
        }

        code.CopyTo(_memory.At(extent.Offset, extent.Capacity));
        error = EndWriting(batch, extent, code.Length, name);
        _memory.Writer.Release();
        if (error.Failed)
        {
            Abandon(extent);
            return null;
        }

        return extent;
    }

    /// <summary>An extent that can be written, and a lease on what it is written through; null where there is none.</summary>
    private CodeExtent? BeginWriting(CodeBatch? batch, int room, out SystemError error)
    {
        LeaseWriter();
        CodeExtent? extent = null;
        error = default;
        try
        {
            lock (_lock)
            {
                ThrowIfDisposed();
                ThrowIfSealed();
                extent = batch is null || Mode == CodeMode.DualMapped ? Allocate(room, out error) : batch.Allocate(room, out error);
                _unpublished += extent is null ? 0 : 1;
            }
        }
        finally
        {
            if (extent is null)
            {
                _memory.Writer.Release();
            }
        }

        return extent;
    }

    /// <summary>The function has its final length, and can be called unless it waits for its batch.</summary>
    private SystemError EndWriting(CodeBatch? batch, CodeExtent extent, int length, string? name)
    {
        SystemError error = SystemError.None;
        lock (_lock)
        {
            extent.Length = length;
            if (extent.Pages is null)
            {
                Trim(extent, length);
            }
            else
            {
                batch!.Trim(extent, length);
            }

            _memory.FillWithTraps(extent.Offset + length, extent.Capacity - length);
            if (batch is null)
            {
                error = Publish(extent);
            }
            else
            {
                batch.Add(extent);
            }
        }

        if (!error.Failed)
        {
            _perfMap?.Add(Address + (nuint)extent.Offset, length, name);
        }

        return error;
    }

    /// <summary>Nobody has seen it.</summary>
    private static void Abandon(CodeExtent? extent) => extent?.CloseOnceIdle();

    private static void ThrowIfEmpty(int length)
    {
        if (length == 0)
        {
            throw new ArgumentException("There is no code: a function has at least one instruction.");
        }
    }

    private Exception Refusal(SystemError error, int length) => error.Failed
        ? _memory.Code.Failure(error, nameof(Emit), Address, (nuint)length)
        : Full(length);

    private InvalidOperationException Full(int length)
    {
        lock (_lock)
        {
            string pages = Mode == CodeMode.Flipped ? "; a flipped heap deals in whole pages: use a batch, or a dual-mapped heap" : "";
            return new InvalidOperationException(
                $"The code heap is full: {length} bytes in a row are wanted, the longest free run has {_space.LongestFree}, "
                + $"and {_space.Used} of {Length} bytes are used. Free functions, or make a heap with a larger {nameof(CodeHeapOptions.Reserve)}{pages}.");
        }
    }
}
