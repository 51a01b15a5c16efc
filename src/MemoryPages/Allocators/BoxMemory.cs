using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RawMemory = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Allocators;

/// <summary>
/// Blocks that know the allocator that they came from, so that a box can be a pointer and nothing else. What must be known stands behind the
/// content: nothing
/// of an allocator without state, the state of a struct, a handle to a class.
/// </summary>
/// <remarks>Which of the three it is, is a constant for the JIT. What is not needed leaves no instruction.</remarks>
internal static unsafe class BoxMemory<TAllocator>
    where TAllocator : IAllocator
{
    // Read through IsNowhere only: for classes, where the JIT does not know it, that has answered before.
    private static readonly bool s_hasNoFields = HasNoFields();

    private static bool IsNowhere
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TAllocator).IsValueType
            && (typeof(IInterchangeableAllocator).IsAssignableFrom(typeof(TAllocator)) || (RawMemory.SizeOf<TAllocator>() == 1 && s_hasNoFields));
    }

    private static bool IsBehindHandle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RuntimeHelpers.IsReferenceOrContainsReferences<TAllocator>();
    }

    /// <summary>A block for the content, with the allocator behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAllocate(TAllocator allocator, Layout content, bool zeroed, out void* pointer)
    {
        if (!typeof(TAllocator).IsValueType)
        {
            ArgumentNullException.ThrowIfNull(allocator);
        }

        Layout layout = Whole(content);
        bool allocated = zeroed ? allocator.TryAllocateZeroed(layout, out AllocatedBlock block) : allocator.TryAllocate(layout, out block);
        pointer = block.Pointer;
        if (allocated && !IsNowhere)
        {
            Keep(allocator, content, pointer);
        }

        return allocated;
    }

    /// <summary>Gives a block back to where it came from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* pointer, Layout content)
    {
        if (IsNowhere)
        {
            default(TAllocator)!.Free(pointer, content);
        }
        else if (IsBehindHandle)
        {
            FreeThroughHandle(pointer, content);
        }
        else
        {
            RawMemory.ReadUnaligned<TAllocator>(Behind(pointer, content)).Free(pointer, Whole(content));
        }
    }

    /// <summary>The allocator of a block; false where it was lost to the garbage collector.</summary>
    public static bool TryFind(void* pointer, Layout content, [MaybeNullWhen(false)] out TAllocator allocator)
    {
        if (IsNowhere)
        {
            allocator = default!;
            return true;
        }

        if (IsBehindHandle)
        {
            object? target = GCHandle.FromIntPtr(*(nint*)Behind(pointer, content)).Target;
            allocator = target is null ? default : (TAllocator)target;
            return target is not null;
        }

        allocator = RawMemory.ReadUnaligned<TAllocator>(Behind(pointer, content));
        return true;
    }

    public static MemoryPagesException Refusal(TAllocator allocator, string operation, Layout content) =>
        allocator.Refusal(operation, Whole(content));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Layout Whole(Layout content) => IsNowhere
        ? content
        : content.FollowedBy(IsBehindHandle ? (nuint)sizeof(nint) : (nuint)RawMemory.SizeOf<TAllocator>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void* Behind(void* pointer, Layout content) => (byte*)pointer + content.PointerAlignedSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(TAllocator allocator, Layout content, void* pointer)
    {
        if (IsBehindHandle)
        {
            KeepHandle(allocator, content, pointer);
        }
        else
        {
            RawMemory.WriteUnaligned(Behind(pointer, content), allocator);
        }
    }

    private static void KeepHandle(TAllocator allocator, Layout content, void* pointer)
    {
        GCHandle handle;
        try
        {
            handle = allocator is IHandledAllocator handled ? handled.Handle : GCHandle.Alloc(allocator);
        }
        catch
        {
            allocator.Free(pointer, Whole(content));
            throw;
        }

        *(nint*)Behind(pointer, content) = GCHandle.ToIntPtr(handle);
    }

    private static void FreeThroughHandle(void* pointer, Layout content)
    {
        var kept = (nint*)Behind(pointer, content);
        if (*kept == 0)
        {
            throw new InvalidOperationException("This box is a copy of one that was freed before. A box is moved, not copied.");
        }

        GCHandle handle = GCHandle.FromIntPtr(*kept);
        if (handle.Target is not { } target)
        {
            return;
        }

        var allocator = (TAllocator)target;
        *kept = 0;
        try
        {
            allocator.Free(pointer, Whole(content));
        }
        finally
        {
            if (allocator is not IHandledAllocator)
            {
                handle.Free();
            }
        }
    }

    /// <summary>An empty struct has the size of a byte, as one with a byte in it has.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2090", Justification = "Fields of structs are kept; where they might be without being found, none is taken for absent.")]
    private static bool HasNoFields() => RuntimeFeature.IsDynamicCodeSupported
        && typeof(TAllocator).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length == 0;
}
