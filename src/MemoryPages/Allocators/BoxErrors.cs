using System.Diagnostics.CodeAnalysis;

namespace MemoryPages.Allocators;

/// <summary>What boxes say when they cannot.</summary>
internal static class BoxErrors
{
    public static ObjectDisposedException Empty() =>
        new("Box", "This box is empty: it was disposed, moved, or its value was taken, or it is a default one that never held anything.");

    [DoesNotReturn]
    public static void ThrowIndex(nuint index, nuint count, bool isEmpty) =>
        throw (isEmpty ? Empty() : new ArgumentOutOfRangeException(nameof(index), index, $"There are {count} elements."));

    [DoesNotReturn]
    public static void ThrowTooMany(nuint count) => throw new InvalidOperationException($"A span cannot hold {count:N0} elements: take a part.");

    public static ObjectDisposedException Lost<TAllocator>() =>
        new(typeof(TAllocator).Name, "The allocator of this box is no longer there: keep it for as long as its boxes.");

    public static void ThrowIfOwning<T>(string operation)
        where T : unmanaged
    {
        if (Cleanup<T>.IsNeeded)
        {
            throw new NotSupportedException(
                $"{operation} copies bytes, and {typeof(T).Name} has a Dispose: what it owns would be owned twice. "
                + "Make another one of what is in it.");
        }
    }

    public static void ThrowIfUndefined<T>()
        where T : unmanaged
    {
        if (Cleanup<T>.IsNeeded)
        {
            throw new NotSupportedException($"{typeof(T).Name} has a Dispose, which must not run on undefined content: take zeroed elements.");
        }
    }
}
