using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;

namespace MemoryPages.Code;

/// <summary>A run of a heap's bytes: a function, pages that a batch shares out among functions, or free ones.</summary>
/// <remarks>
/// One object is all of a function's bookkeeping: its place, who uses it, and its neighbours in the heap. When the function is freed, the same object
/// becomes the free run; what the user still holds of it is closed for good.
/// </remarks>
internal sealed class CodeExtent(CodeHeap heap, int offset, int capacity) : Leased
{
    public CodeHeap Heap => heap;

    /// <summary>Bytes from the start of the heap.</summary>
    public int Offset { get; set; } = offset;

    /// <summary>Bytes: a multiple of what the heap deals in.</summary>
    public int Capacity { get; set; } = capacity;

    public int Limit => Offset + Capacity;

    /// <summary>Bytes of code.</summary>
    public int Length { get; set; }

    public bool IsPublished
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The pages that this function has a part of; null for what has bytes of its own.</summary>
    public CodeExtent? Pages { get; init; }

    /// <summary>Of pages that are shared out: the functions in them, and one more while their batch is open.</summary>
    public int Holders { get; set; }

    // The rest belongs to CodeSpace.

    public bool IsFree { get; set; }

    public CodeExtent? Previous { get; set; }

    public CodeExtent? Next { get; set; }

    public CodeExtent? PreviousFree { get; set; }

    public CodeExtent? NextFree { get; set; }

    /// <exception cref="InvalidOperationException">It cannot be run yet.</exception>
    public void ThrowIfUnpublished()
    {
        if (!IsPublished)
        {
            throw new InvalidOperationException("This function is not published: publish its batch first.");
        }
    }

    private protected override string Subject => "the code";

    [DoesNotReturn]
    private protected override void ThrowClosed() => throw new ObjectDisposedException(nameof(CodeBlock), "This code has been freed.");

    private protected override void End() => heap.Free(this);
}
