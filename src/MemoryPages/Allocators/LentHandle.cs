using System.Runtime.InteropServices;

namespace MemoryPages.Allocators;

/// <summary>
/// What an allocator lends its boxes to find it by: one weak handle for all of them. So one that is lost is found by whoever reports losses, and one
/// that was disposed while boxes are there lives until the last of them.
/// </summary>
/// <remarks>
/// Safe on all threads. Weak, but not before the allocator's finalizer has run: that may keep it alive for its boxes. Knows the allocator by handles
/// only, so that who knows this does not keep that alive.
/// </remarks>
internal sealed class LentHandle
{
    private nint _weak;
    private nint _strong;

    public GCHandle For(object allocator)
    {
        nint handle = Volatile.Read(ref _weak);
        return GCHandle.FromIntPtr(handle != 0 ? handle : Make(ref _weak, allocator, GCHandleType.WeakTrackResurrection));
    }

    /// <summary>Nobody else may know the allocator from here on, but boxes do.</summary>
    public void KeepAlive(object allocator) => Make(ref _strong, allocator, GCHandleType.Normal);

    /// <summary>No box will ask any more. Idempotent.</summary>
    public void End()
    {
        Free(ref _weak);
        Free(ref _strong);
    }

    /// <summary>The handle, of whichever thread was the first to make it.</summary>
    private static nint Make(ref nint place, object allocator, GCHandleType type)
    {
        GCHandle made = GCHandle.Alloc(allocator, type);
        nint first = Interlocked.CompareExchange(ref place, GCHandle.ToIntPtr(made), 0);
        if (first == 0)
        {
            return GCHandle.ToIntPtr(made);
        }

        made.Free();
        return first;
    }

    private static void Free(ref nint place)
    {
        nint handle = Interlocked.Exchange(ref place, 0);
        if (handle != 0)
        {
            GCHandle.FromIntPtr(handle).Free();
        }
    }
}
