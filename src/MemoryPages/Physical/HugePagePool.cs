using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Pages added to the system's pool of huge pages, for as long as this object lives; and what the pool holds.</summary>
/// <remarks>
/// <para>
/// The pool is the whole machine's. What is added is taken out again by <see cref="Dispose"/>, and exactly that: <see cref="Added"/> pages fewer than
/// the pool is set to <b>then</b>, so that what others add or take meanwhile stays as they want it. Pages that are in use then leave the pool when
/// they are free.
/// </para>
/// <para>
/// What a program has not disposed is taken out when it ends. A process that is killed puts nothing back. Two programs that change the pool at the same moment exclude each other if both use this class: it
/// locks the folder of the setting. A shell's <c>echo</c> does not.
/// </para>
/// <para>Linux: <c>nr_hugepages</c> of <c>/sys/kernel/mm/hugepages</c> or of a node (hugetlbpage.rst), which root may write.</para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{Added} pages of {PageSize} bytes")]
public sealed class HugePagePool : IDisposable
{
    private static readonly HashSet<HugePagePool> s_raised = PutBackAtTheEnd();

    private readonly Lock _gate = new();

    private HugePagePool(nuint pageSize, int? node, long added)
    {
        PageSize = pageSize;
        Node = node;
        Added = added;
    }

    /// <summary>The size of the pages in bytes.</summary>
    public nuint PageSize { get; }

    /// <summary>The NUMA node whose share was raised; null for the machine's pool, which the system spreads over the nodes.</summary>
    public int? Node { get; }

    /// <summary>How many pages were added, and are taken out at the end; 0 afterwards.</summary>
    public long Added { get; private set; }

    /// <summary>What the pool holds now.</summary>
    /// <param name="pageSize">One of <see cref="MemoryPages.PageSize.Huge"/>; 0 for the system's default.</param>
    /// <param name="node">A NUMA node's share; null for the whole.</param>
    /// <exception cref="ArgumentException">There are no huge pages of that size.</exception>
    public static HugePageCounters Counters(nuint pageSize = 0, int? node = null) =>
        MemorySystem.Current.QueryHugePagePool(Offered(pageSize), node);

    /// <summary>Adds pages to the pool.</summary>
    /// <param name="count">Pages.</param>
    /// <param name="pageSize">One of <see cref="MemoryPages.PageSize.Huge"/>; 0 for the system's default.</param>
    /// <param name="node">The NUMA node to take them from; null to leave that to the system.</param>
    /// <exception cref="ArgumentException">There are no huge pages of that size.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    /// <exception cref="MemoryPagesException">
    /// The process may not (<see cref="ErrorReason.AccessDenied"/>), or the system did not find so many (<see cref="ErrorReason.NoHugePages"/>). The
    /// pool is as before.
    /// </exception>
    public static HugePagePool Reserve(long count, nuint pageSize = 0, int? node = null)
    {
        SystemError error = TryReserve(count, Offered(pageSize), node, out long found, out HugePagePool? pool);
        return pool ?? throw new MemoryPagesException(error, new FailedOperation(nameof(Reserve), null, 0, (nuint)count * Offered(pageSize), Offered(pageSize))
        {
            Frames = new WishedFrames(Scattered: true, 0, node, (int)Math.Min(found, int.MaxValue), PhysicalFrame.Absent),
        });
    }

    /// <summary>As <see cref="Reserve"/>; false where the system refuses or does not find so many. The pool is as before then.</summary>
    /// <param name="count">Pages.</param>
    /// <param name="pageSize">One of <see cref="MemoryPages.PageSize.Huge"/>; 0 for the system's default.</param>
    /// <param name="node">The NUMA node to take them from; null to leave that to the system.</param>
    /// <param name="pool">What was added, or null.</param>
    /// <exception cref="ArgumentException">There are no huge pages of that size.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    public static bool TryReserve(long count, nuint pageSize, int? node, [NotNullWhen(true)] out HugePagePool? pool) =>
        !TryReserve(count, Offered(pageSize), node, out _, out pool).Failed;

    /// <summary>Takes out of the pool what was added. Idempotent.</summary>
    public void Dispose() => KeepOnly(0);

    /// <summary>Takes out all but so many of what was added.</summary>
    internal void KeepOnly(long pages)
    {
        lock (_gate)
        {
            if (Added > pages && !MemorySystem.Current.ChangeHugePagePool(PageSize, Node, pages - Added, out _).Failed)
            {
                Added = pages;
                if (pages == 0)
                {
                    lock (s_raised)
                    {
                        s_raised.Remove(this);
                    }
                }
            }
        }
    }

    private static HashSet<HugePagePool> PutBackAtTheEnd()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => PutBackAll();
        return [];
    }

    /// <summary>Heaps of physical memory live as long as the process, and the machine longer. What is in use leaves the pool when the process is gone.</summary>
    private static void PutBackAll()
    {
        HugePagePool[] raised;
        lock (s_raised)
        {
            raised = [.. s_raised];
        }

        foreach (HugePagePool pool in raised)
        {
            pool.KeepOnly(0);
        }
    }

    private static SystemError TryReserve(long count, nuint pageSize, int? node, out long found, out HugePagePool? pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        pool = null;
        SystemError error = MemorySystem.Current.ChangeHugePagePool(pageSize, node, count, out found);
        if (error.Failed)
        {
            return error;
        }

        pool = new HugePagePool(pageSize, node, found);
        lock (s_raised)
        {
            s_raised.Add(pool);
        }

        if (found < count)
        {
            pool.Dispose();
            pool = null;
            return MemorySystem.Current.PoolTooSmall;
        }

        return SystemError.None;
    }

    private static nuint Offered(nuint pageSize)
    {
        nuint size = pageSize == 0 ? MemorySystem.Current.DefaultHugePageSize : pageSize;
        return MemoryPages.PageSize.Huge.Contains(size)
            ? size
            : throw new ArgumentException($"This system has no huge pages of {size} bytes: PageSize.Huge lists those that it has.", nameof(pageSize));
    }
}
