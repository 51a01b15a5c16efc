using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RawMemory = System.Runtime.CompilerServices.Unsafe;

namespace MemoryPages.Allocators;

/// <summary>
/// Blocks that know the allocator that they came from, so that a box can be a pointer and nothing else. What must be known stands behind the content:
/// nothing of an allocator without state, the state of a struct, a handle to a class.
/// </summary>
/// <remarks>Which of the three it is, is a constant for the JIT. What is not needed leaves no instruction.</remarks>
internal static unsafe class BoxMemory<TAllocator>
    where TAllocator : IAllocator
{
    // Read through IsNowhere only: for classes, where the JIT does not know it, that has answered before.
    private static readonly bool s_hasNoFields = HasNoFields();
    private static readonly bool s_isGuarded = typeof(IGuardedInstance).IsAssignableFrom(typeof(TAllocator));

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

    /// <summary>
    /// Whether the block is still there, asked before a value's end touches it. Only guarded allocators know that of a box that was copied.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsThere(void* pointer, Layout content) =>
        !IsBehindHandle || !GuardedInstances.Exist || GuardedInstances.IsThere((nuint)pointer, Whole(content), s_isGuarded);

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

    /// <summary>Makes the block larger or smaller, through its own allocator, which goes along with the content. False: it is as it was.</summary>
    /// <param name="allocator">The block's own.</param>
    /// <param name="pointer">The block, and where it is then.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="newContent">What it is to hold, of the same alignment.</param>
    public static bool TryResize(TAllocator allocator, ref void* pointer, Layout content, Layout newContent)
    {
        Layout layout = Whole(content), newLayout = Whole(newContent);
        nuint kept = IsNowhere ? 0 : KeptSize;
        byte* saved = stackalloc byte[(int)KeptSize];
        NativeMemory.Copy(Behind(pointer, content), saved, kept);
        bool grows = newLayout.Size > layout.Size;
        if (!grows)
        {
            NativeMemory.Copy(saved, Behind(pointer, newContent), kept); // it must be within what is left
        }

        bool resized = grows
            ? allocator.TryGrow(pointer, layout, newLayout, out AllocatedBlock block)
            : allocator.TryShrink(pointer, layout, newLayout, out block);
        if (resized)
        {
            pointer = block.Pointer;
            content = newContent;
        }

        NativeMemory.Copy(saved, Behind(pointer, content), kept);
        return resized;
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

    /// <summary>The allocator of a block, for who needs it.</summary>
    /// <exception cref="ObjectDisposedException">There is no block, or its allocator was lost.</exception>
    public static TAllocator Of(void* pointer, Layout content) => pointer == null ? throw BoxErrors.Empty()
        : TryFind(pointer, content, out TAllocator? allocator) ? allocator
        : throw BoxErrors.Lost<TAllocator>();

    /// <summary>
    /// Disposes neighbouring values, if they have a Dispose, and frees their block, also if that throws. Nothing where there is none.
    /// </summary>
    /// <param name="items">The values, or null.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="capacity">How many the block was made for.</param>
    public static void DropAll<T>(T* items, nuint count, nuint capacity)
        where T : unmanaged
    {
        if (items == null || !IsThere(items, Layout.Of<T>(capacity)))
        {
            return;
        }

        try
        {
            if (Cleanup<T>.IsNeeded)
            {
                Cleanup<T>.RunAll(items, count);
            }
        }
        finally
        {
            Free(items, Layout.Of<T>(capacity));
        }
    }

    public static MemoryPagesException Refusal(TAllocator allocator, string operation, Layout content) =>
        allocator.Refusal(operation, Whole(content));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Layout Whole(Layout content) => IsNowhere
        ? content
        : content.FollowedBy(KeptSize);

    /// <summary>Bytes behind the content, where it is not nothing.</summary>
    private static nuint KeptSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsBehindHandle ? (nuint)sizeof(nint) : (nuint)RawMemory.SizeOf<TAllocator>();
    }

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
        if (!IsThere(pointer, content))
        {
            return;
        }

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
