using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Allocators;

/// <summary>What allocators have in common: resizing where a block cannot stay, and saying no.</summary>
internal static unsafe class Resizing
{
    /// <exception cref="ArgumentOutOfRangeException">The block would become smaller.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfSmaller(Layout layout, Layout newLayout)
    {
        if (newLayout.Size < layout.Size)
        {
            Throw(newLayout, $"Growing {layout.Size} bytes cannot make them fewer: shrink.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The block would become larger.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfLarger(Layout layout, Layout newLayout)
    {
        if (newLayout.Size > layout.Size)
        {
            Throw(newLayout, $"Shrinking {layout.Size} bytes cannot make them more: grow.");
        }
    }

    /// <summary>Allocates anew, copies what both have room for, and frees the old block. False: the old block is as it was.</summary>
    public static bool TryMove<TAllocator>(
        TAllocator allocator, void* pointer, Layout layout, Layout newLayout, bool zeroed, out AllocatedBlock block)
        where TAllocator : IAllocator
    {
        bool allocated = zeroed ? allocator.TryAllocateZeroed(newLayout, out block) : allocator.TryAllocate(newLayout, out block);
        if (allocated)
        {
            NativeMemory.Copy(pointer, block.Pointer, Math.Min(layout.Size, newLayout.Size));
            allocator.Free(pointer, layout);
        }

        return allocated;
    }

    /// <summary>Makes all bytes of a block from an offset on zero.</summary>
    public static void ClearTail(AllocatedBlock block, nuint from) => NativeMemory.Clear((byte*)block.Pointer + from, block.Size - from);

    public static MemoryPagesException Refusal(IAllocator allocator, string operation, Layout layout, string? hint)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{operation} failed: {NameOf(allocator)} has no {layout.Size:N0} bytes at a multiple of {layout.Alignment:N0}.");
        return new MemoryPagesException(hint is null ? text : text + " " + hint, operation, layout.Size, ErrorReason.OutOfMemory, hint);
    }

    private static string NameOf(IAllocator allocator) => allocator.GetType().Name.Split('`')[0];

    private static void Throw(Layout newLayout, string message) => throw new ArgumentOutOfRangeException(nameof(newLayout), newLayout.Size, message);
}
