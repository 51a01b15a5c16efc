using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Code;
using MemoryPages.Ownership;
using MemoryPages.Unsafe;

namespace MemoryPages;

/// <summary>A function in a <see cref="CodeHeap"/>, or several in a row that were written as one.</summary>
/// <remarks>
/// A value that stands for the function: copies are the same function, and disposing one of them is disposing it. Once freed, every use throws. A
/// block that is never disposed keeps its code until the heap is.
/// </remarks>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public readonly record struct CodeBlock : IDisposable
{
    private readonly CodeExtent? _extent;

    internal CodeBlock(CodeExtent extent) => _extent = extent;

    /// <summary>The address of the first instruction: for other code to refer to. Calls from C# go by <see cref="Function{TSignature}"/>.</summary>
    /// <exception cref="ObjectDisposedException">The block was disposed.</exception>
    public nuint Address => Usable.Heap.Address + (nuint)Usable.Offset;

    /// <summary>Bytes of code.</summary>
    /// <exception cref="ObjectDisposedException">The block was disposed.</exception>
    public int Length => Usable.Length;

    /// <summary>Bytes that <see cref="Rewrite"/> has room for.</summary>
    /// <exception cref="ObjectDisposedException">The block was disposed.</exception>
    public int Capacity => Usable.Capacity;

    /// <summary>Whether it was emitted and not disposed since.</summary>
    [UsableWhenSpent]
    public bool IsUsable => _extent is { IsClosed: false };

    /// <summary>The number of function leases that are open on it. For diagnosis.</summary>
    [UsableWhenSpent]
    public long LeaseCount => _extent?.Leases ?? 0;

    internal CodeExtent Usable => _extent is { IsClosed: false } extent ? extent : ThrowUnusable();

    private string DebuggerDisplay => IsUsable ? $"{Length} bytes at 0x{Address:x}, {LeaseCount} leases" : "freed";

    /// <summary>A lease on the function, to call it. Use it with <c>using</c>.</summary>
    /// <typeparam name="TSignature">
    /// <c>Func</c> or <c>Action</c> with the arguments' types, for example <c>Func&lt;long, long, long&gt;</c>.
    /// </typeparam>
    /// <param name="offset">Bytes from the start of the block to the function's first instruction.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    /// <exception cref="InvalidOperationException">The function is one of a batch that is not published.</exception>
    /// <exception cref="ObjectDisposedException">The block or its heap was disposed.</exception>
    /// <remarks><c>using MemoryPages.Unsafe;</c> brings <c>Invoke</c>. The caller's duties: see <see cref="FunctionLease.Pointer"/>.</remarks>
    public FunctionLease<TSignature> Function<TSignature>(int offset = 0)
        where TSignature : Delegate => new(Lease(offset));

    /// <summary>Copies the code out: for a disassembler.</summary>
    /// <param name="destination">Where to.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="InvalidOperationException">The function is one of a batch that is not published.</exception>
    /// <exception cref="ObjectDisposedException">The block or its heap was disposed.</exception>
    public unsafe void CopyTo(Span<byte> destination)
    {
        using FunctionLease lease = Lease(0);
        new ReadOnlySpan<byte>(lease.Pointer, Length).CopyTo(destination);
    }

    /// <summary>Puts other code in its place.</summary>
    /// <param name="code">At most <see cref="Capacity"/> bytes.</param>
    /// <remarks>
    /// No lease may be open, and the caller sees to it that no code which is called by its address is running in it. To change instructions that
    /// others may be running: <c>DangerousPatch</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">The code is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">
    /// A lease is open; the heap is sealed; the function is not published; or it shares pages with others of its batch, in a flipped heap.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The block or its heap was disposed.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused. Where it refused to make the new code executable, the function can only be disposed.
    /// </exception>
    public void Rewrite(scoped ReadOnlySpan<byte> code)
    {
        CodeExtent extent = Usable;
        extent.EnterExclusive(nameof(Rewrite));
        try
        {
            extent.Heap.Rewrite(extent, code);
        }
        finally
        {
            extent.ExitExclusive();
        }
    }

    /// <summary>Frees the code when the last lease ends, which is now if none is open. Idempotent.</summary>
    /// <remarks>
    /// No code that was told its address may call it any more. In a dual-mapped heap its bytes become instructions that end the process, at once; in
    /// a flipped heap its pages become inaccessible, when no other function of its batch is in them. A sealed heap keeps it as it is.
    /// </remarks>
    public void Dispose() => _extent?.CloseOnceIdle();

    /// <summary>Whether it stands for the same function.</summary>
    /// <param name="other">Another.</param>
    [UsableWhenSpent]
    public bool Equals(CodeBlock other) => _extent == other._extent;

    /// <inheritdoc/>
    public override int GetHashCode() => _extent?.GetHashCode() ?? 0;

    /// <summary>The length and address of the code, or that it was freed.</summary>
    public override string ToString() => DebuggerDisplay;

    internal FunctionLease Lease(int offset)
    {
        CodeExtent extent = Usable;
        extent.Acquire(default);
        try
        {
            extent.ThrowIfUnpublished();
            if ((uint)offset >= (uint)extent.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The function has {extent.Length} bytes.");
            }

            return extent.Heap.Lease(extent, offset);
        }
        catch
        {
            extent.Release();
            throw;
        }
    }

    [DoesNotReturn]
    private CodeExtent ThrowUnusable() => throw new ObjectDisposedException(
        nameof(CodeBlock), _extent is null ? "This is no function: a CodeBlock comes from CodeHeap.Emit." : "This code has been freed.");
}
