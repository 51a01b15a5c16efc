using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>Blocks of pages to rent for a while and return: warm ones, whose pages are in memory already, without a call of the system.</summary>
/// <remarks>
/// <para>
/// Blocks have sizes of powers of two, from the base page to <see cref="PagePoolOptions.MaximumBlock"/>, and addresses that are multiples of their
/// size. All of a size come from one reservation that neither moves nor goes to anybody else while the pool lives: a stale pointer touches at most
/// memory of the pool.
/// </para>
/// <para>
/// Free blocks stay in memory up to <see cref="PagePoolOptions.ResidentBudget"/>. Beyond it those that were idle longest are given back, many in one
/// call. They stay committed, that is, charged to what the system can promise, so that renting them again cannot fail; <see cref="Trim"/> gives back
/// the charge too, and is called by itself when a collection finds the machine short of memory.
/// </para>
/// <para>
/// Safe to use from any thread. Renting and returning a warm block allocates no managed memory and takes one interlocked operation each. A pool that
/// is lost without <see cref="Dispose"/> is reported as a leak, and unmapped only if nothing is rented. In hardened mode
/// (<c>MEMORYPAGES_HARDENED=1</c>) no block stays warm: one that is returned is inaccessible, so that a stale pointer to it is a fault.
/// </para>
/// <para>
/// Linux: mmap(2) <c>PROT_NONE</c> reserves, mprotect(2) commits, process_madvise(2) <c>MADV_DONTNEED</c> over many ranges gives memory back (since
/// Linux 6.14; before, madvise(2) for each), mmap(2) over them the commit charge.
/// </para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[Owner]
public sealed partial class PagePool : IDisposable
{
    private readonly PagePoolOptions _options;
    private readonly PoolFront[] _fronts; // a power of two of them
    private readonly PoolStore _store;
    private readonly nuint[] _sizes;
    private readonly int _pageShift;
    private readonly bool _zeroed;
    private PagePoolMemory? _memory;

    /// <summary>A pool of blocks up to 16 MiB that keeps up to 64 MiB of free ones in memory.</summary>
    public PagePool()
        : this(default)
    {
    }

    /// <summary>A pool. Nothing is reserved before a block is rented.</summary>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is beyond any address space.</exception>
    public PagePool(in PagePoolOptions options)
    {
        const int MostFronts = 64;
        const nuint FrontsPart = 4;
        _options = options;
        _zeroed = options.Zeroed;
        _pageShift = BitOperations.Log2(PageSize.Base);
        _sizes = new nuint[BitOperations.Log2(options.LargestBlock()) - _pageShift + 1];
        for (int i = 0; i < _sizes.Length; i++)
        {
            _sizes[i] = PageSize.Base << i;
        }

        _fronts = new PoolFront[BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostFronts))];
        nuint share = Hardening.IsOn ? 0 : options.Budget / FrontsPart / (nuint)_fronts.Length; // then every block goes through the store: see there
        for (int i = 0; i < _fronts.Length; i++)
        {
            _fronts[i] = new PoolFront(_sizes, share);
        }

        _store = new PoolStore(this, options, _sizes, options.Budget - (share * (nuint)_fronts.Length));
        PressureTrimming.Begin(this);
    }

    /// <remarks>
    /// Nobody uses a pool that is lost, but a rental that was never disposed may still be reached through a span. Without one the leases end here,
    /// and the reservations' own finalizers, which run later, unmap and report; with one they find a lease, report, and leave the memory alone.
    /// </remarks>
    ~PagePool()
    {
        // Null if the constructor did not get so far.
        if (_store is not null && Outstanding() == 0)
        {
            _store.EndLeases(close: false);
        }
    }

    /// <summary>The largest block that the pool keeps, in bytes.</summary>
    [UsableWhenSpent]
    public nuint MaximumBlock => _sizes[^1];

    /// <summary>The most bytes that free blocks keep in memory.</summary>
    [UsableWhenSpent]
    public nuint ResidentBudget => _options.Budget;

    /// <summary>The name it was given, or null.</summary>
    [UsableWhenSpent]
    public string? Name => _options.Name;

    /// <summary>
    /// What the pool holds and did: exact up to what other threads are doing right now, which may have to wait some hundred nanoseconds for it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public PagePoolCounters Counters
    {
        get
        {
            nuint warm = _store.WarmBytes;
            ObjectDisposedException.ThrowIf(!TryEnterAll(), this);
            long rented = 0, begun = 0;
            nuint rentedBytes = 0;
            foreach (PoolFront front in _fronts)
            {
                rented += front.Rented;
                begun += front.Begun;
                rentedBytes += front.RentedBytes;
                warm += front.WarmBytes;
            }

            long misses = _store.Misses;
            ExitAll();
            return new PagePoolCounters
            {
                RentedBlocks = rented,
                RentedBytes = rentedBytes,
                WarmBytes = warm,
                CommittedBytes = _store.CommittedBytes,
                Hits = begun - misses,
                Misses = misses,
                DiscardedBytes = _store.DiscardedBytes,
                Trims = _store.Trims,
            };
        }
    }

    private string DebuggerDisplay => $"{Name ?? "pool"}: {_fronts.Sum(front => front.Rented):N0} rented, at most {ResidentBudget:N0} bytes warm";

    /// <summary>Rents a block. Use it with <c>using</c>.</summary>
    /// <param name="length">
    /// Bytes that it must have: rounded up to a power of two, at least a page; beyond <see cref="MaximumBlock"/> to whole pages, in a mapping of
    /// its own.
    /// </param>
    /// <returns>The block, to read and write. It holds what its last user left, or zeros: see <see cref="PagePoolOptions.Zeroed"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system cannot promise the memory, or has no addresses left. The pool is as it was.</exception>
    public RentedPages Rent(nuint length) => new(RentBlock(length));

    /// <summary>As <see cref="Rent"/>; false where the system refuses.</summary>
    /// <param name="length">As for <see cref="Rent"/>.</param>
    /// <param name="rented">The block, for <c>using (rented)</c>; of no use when there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryRent(nuint length, out RentedPages rented)
    {
        bool refused = TryRentBlock(length, out PoolBlock? block).Failed;
        rented = refused ? default : new RentedPages(block!);
        return !refused;
    }

    /// <summary>
    /// The pool as a <see cref="MemoryPool{T}"/>, for code of the framework: one object for each rental. Disposing it does nothing.
    /// </summary>
    /// <remarks>
    /// A rental ends once, with its owner's Dispose or, later, with the last pin. Prefer <see cref="Rent"/> where the code is synchronous: the
    /// compiler bounds its spans, while a span of such a memory that is kept past the rental's end is a mistake that nobody sees, and reads what
    /// the next renter writes. Once such spans were handed out, the addresses are kept inaccessible for a while after the pool's end: the mistake
    /// is a fault then.
    /// </remarks>
    [UsableWhenSpent]
    public MemoryPool<byte> AsMemoryPool() => _memory ??= new PagePoolMemory(this);

    /// <summary>Gives all free blocks back to the system: their memory and their commit charge. What is rented stays.</summary>
    /// <returns>Bytes of the blocks that were given back.</returns>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <remarks>Where the process has no map entry left for the holes, their memory is given back and the charge stays.</remarks>
    public nuint Trim()
    {
        ObjectDisposedException.ThrowIf(!TryTrim(out nuint released), this);
        return released;
    }

    /// <summary>Ends renting, and gives everything back: the free blocks at once, the addresses when the last rental ends. Idempotent.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Close();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PoolBlock RentBlock(nuint length)
    {
        PoolBlock? block = TakeFromFront(length);
        return Prepared(block ?? RentSlowlyOrThrow(length));
    }

    /// <summary>Whether a block is no block of the pool, but a fresh mapping for one rental.</summary>
    internal bool IsOwnMapping(PoolBlock block) => block.Index == _sizes.Length;

    /// <summary>As <see cref="RentBlock"/>, without an exception for what the system refuses.</summary>
    internal SystemError TryRentBlock(nuint length, out PoolBlock? block)
    {
        block = TakeFromFront(length);
        SystemError error = block is null ? RentSlowly(length, out block) : SystemError.None;
        if (!error.Failed)
        {
            _ = Prepared(block!);
        }

        return error;
    }

    /// <summary>Takes a block back. On any thread, but not on two at once.</summary>
    /// <exception cref="InvalidOperationException">The rental has ended already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Return(PoolBlock block, long ticket)
    {
        // No interlocked operation: copies of a rental are ref structs, which cannot leave the thread; and a thread sees what it wrote itself.
        if (block.Ticket != ticket)
        {
            ThrowReturned();
        }

        block.Ticket = ticket + 1;
        if (block.Index < _sizes.Length)
        {
            PoolFront front = NearestFront();
            if (front.TryEnter())
            {
                bool returned = front.TryReturn(block);
                front.Exit();
                if (returned)
                {
                    return;
                }
            }
        }

        ReturnSlowly(block);
    }

    /// <summary>The front of the processor that the thread runs on, or ran on a moment ago.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PoolFront NearestFront() => _fronts[Thread.GetCurrentProcessorId() & (_fronts.Length - 1)];

    /// <summary>A block from the nearest front, its rental counted; null, and nothing has happened, if that takes more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PoolBlock? TakeFromFront(nuint length)
    {
        int index = ClassOf(length);
        if ((uint)index >= (uint)_sizes.Length)
        {
            return null;
        }

        PoolFront front = NearestFront();
        if (!front.TryEnter())
        {
            return null;
        }

        PoolBlock? block = front.TryRent(index, _sizes[index]);
        front.Exit();
        return block;
    }

    /// <summary>The class of the smallest block that has so many bytes; none has for 0, which is 2^64 here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ClassOf(nuint length) => BitOperations.Log2((length - 1) | (PageSize.Base - 1)) + 1 - _pageShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PoolBlock Prepared(PoolBlock block)
    {
        if (_zeroed)
        {
            MakeZero(block);
        }

        return block;
    }

    private static void ThrowReturned() =>
        throw new InvalidOperationException("This rental has ended already: a copy of it was disposed. Rentals must not be copied.");
}
