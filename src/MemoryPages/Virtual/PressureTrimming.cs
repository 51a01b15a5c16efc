using System.Runtime.InteropServices;

namespace MemoryPages.Virtual;

/// <summary>Trims a pool when a collection finds the machine short of memory.</summary>
/// <remarks>
/// Nothing points to it, so each collection that gets to its generation, soon the oldest, runs its finalizer, which asks to be run again. The
/// framework's shared array pool does the same. It holds the pool weakly, and ends with it.
/// </remarks>
internal sealed class PressureTrimming
{
    // A bare handle: a WeakReference would have been finalized itself by then.
    private WeakGCHandle<PagePool> _pool;

    private PressureTrimming(PagePool pool) => _pool = new WeakGCHandle<PagePool>(pool);

    ~PressureTrimming()
    {
        if (Trim() && !Environment.HasShutdownStarted)
        {
            GC.ReRegisterForFinalize(this);
        }
        else
        {
            _pool.Dispose();
        }
    }

    public static void Begin(PagePool pool) => _ = new PressureTrimming(pool);

    /// <summary>False when there is no pool any more.</summary>
    private bool Trim()
    {
        if (!_pool.IsAllocated || !_pool.TryGetTarget(out PagePool? pool))
        {
            return false;
        }

        try
        {
            GCMemoryInfo memory = GC.GetGCMemoryInfo();
            return pool.TrimUnderPressure(memory.MemoryLoadBytes, memory.HighMemoryLoadThresholdBytes);
        }
        catch (OutOfMemoryException)
        {
            return true; // so short that not even giving back is possible: the next collection may find more
        }
    }
}
