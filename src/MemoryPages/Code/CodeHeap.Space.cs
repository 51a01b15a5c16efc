using MemoryPages.Code;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Space and memory, which change together: all of this is called under the lock, unless it says otherwise.</content>
public sealed partial class CodeHeap
{
    /// <summary>What functions of a batch are multiples of.</summary>
    internal int Alignment => _alignment;

    /// <summary>Free bytes that can be written; null where there are none in a row, or the system refuses the memory.</summary>
    internal CodeExtent? Allocate(int length, out SystemError error)
    {
        error = SystemError.None;
        if (_space.TryAllocate(length) is not { } extent)
        {
            return null;
        }

        error = _memory.Prepare(extent.Offset, extent.Capacity);
        if (error.Failed)
        {
            _space.Free(extent);
            return null;
        }

        return extent;
    }

    /// <summary>Gives back what was prepared and never written.</summary>
    internal void Trim(CodeExtent extent, int length)
    {
        int capacity = extent.Capacity;
        _space.Trim(extent, length);
        if (extent.Capacity != capacity && Mode == CodeMode.Flipped)
        {
            _memory.Retire(extent.Limit, capacity - extent.Capacity);
        }
    }

    /// <summary>One holder less. Pages that hold no function any more become free.</summary>
    internal void LetGoOf(CodeExtent pages)
    {
        pages.Holders--;
        if (pages.Holders == 0 && !_isDisposed && !_isSealed)
        {
            _memory.Retire(pages.Offset, pages.Capacity);
            _space.Free(pages);
        }
    }

    /// <summary>Pages of a batch, from their first free byte on.</summary>
    internal SystemError PublishPages(CodeExtent pages, int used)
    {
        Trim(pages, Math.Max(used, 1));
        _memory.FillWithTraps(pages.Offset + used, pages.Capacity - used);
        return _memory.Publish(pages.Offset, pages.Capacity);
    }

    /// <summary>What can be run may be called.</summary>
    internal void MarkPublished(CodeExtent function)
    {
        function.IsPublished = true;
        _unpublished--;
    }

    /// <summary>Publishes what a batch has, under the lock and a lease.</summary>
    internal void Publish(CodeBatch batch)
    {
        LeaseWriter();
        try
        {
            lock (_lock)
            {
                SystemError error = batch.PublishPages(out nuint length);
                if (error.Failed)
                {
                    throw _memory.Code.Failure(error, nameof(Publish), Address, length);
                }
            }
        }
        finally
        {
            _memory.Writer.Release();
        }
    }

    /// <summary>Gives back a batch's pages, under the lock.</summary>
    internal void End(CodeBatch batch)
    {
        lock (_lock)
        {
            batch.LetGo();
        }
    }

    /// <summary>Other code in place of a function's. The caller keeps everybody else from it.</summary>
    internal void Rewrite(CodeExtent function, scoped ReadOnlySpan<byte> code)
    {
        LeaseWriter();
        try
        {
            lock (_lock)
            {
                ThrowIfCannotRewrite(function, code);
                SystemError error = _memory.Reopen(function.Offset, function.Capacity);
                if (error.Failed)
                {
                    throw _memory.Code.Failure(error, nameof(Rewrite), Address + (nuint)function.Offset, (nuint)function.Capacity);
                }

                code.CopyTo(_memory.At(function.Offset, function.Capacity));
                _memory.FillWithTraps(function.Offset + code.Length, function.Capacity - code.Length);
                function.Length = code.Length;
                error = _memory.Publish(function.Offset, function.Capacity);
                if (error.Failed)
                {
                    function.IsPublished = false;
                    _unpublished++;
                    throw _memory.Code.Failure(error, nameof(Rewrite), Address + (nuint)function.Offset, (nuint)function.Capacity);
                }
            }
        }
        finally
        {
            _memory.Writer.Release();
        }
    }

    private SystemError Publish(CodeExtent function)
    {
        SystemError error = _memory.Publish(function.Offset, function.Capacity);
        if (!error.Failed)
        {
            MarkPublished(function);
        }

        return error;
    }

    private static void ThrowIfCannotRewrite(CodeExtent function, scoped ReadOnlySpan<byte> code)
    {
        function.ThrowIfUnpublished();
        if (function.Pages is not null)
        {
            throw new InvalidOperationException(
                "This function shares pages with others of its batch, and these could not run while it is rewritten. "
                + "In a dual-mapped heap they could.");
        }

        if (code.IsEmpty || code.Length > function.Capacity)
        {
            throw new ArgumentException(
                $"The new code has {code.Length} bytes; from 1 to {function.Capacity} fit where the function is.", nameof(code));
        }
    }

    private void ThrowIfSealed()
    {
        if (_isSealed)
        {
            throw new InvalidOperationException("This code heap is sealed: nothing can be added to it or changed in it.");
        }
    }
}
