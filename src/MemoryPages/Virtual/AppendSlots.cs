using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <summary>
/// The slots of a concurrent list: handed out to threads, given memory, published, ended. Of what lies in a slot it knows the size.
/// </summary>
/// <remarks>
/// <para>
/// <b>Claiming.</b> An append reads <c>Soft</c>, and where the next slot is below it (1) it adds one to <c>Claimed</c> (2). The add is atomic, so
/// each slot has one claimant. Between the two other threads can claim as well; therefore <c>Soft</c> lies <see cref="Slack"/> below <c>Hard</c>,
/// what there is memory for. Up to that many can be there at once, and each still finds memory. One that is overtaken by more, or by a range, makes
/// the list grow before it writes. Where that fails (3) its slot is <i>abandoned</i>: published as zeros as soon as there is memory for it, if
/// ever. Ranges are claimed by compare-and-swap (4), so that none is used up in vain.
/// </para>
/// <para>
/// <b>Publishing.</b> A slot is published when it lies below <c>Frontier</c> or when its bit is set. Its claimant, having written it, reads the
/// frontier (5, acquire).
/// </para>
/// <list type="number">
/// <item>
/// It is this slot: the claimant stores the frontier behind it (release). No compare-and-swap is needed: whoever else moves the frontier, moves it
/// over set bits and over a slot of its own, and this slot's bit is not set.
/// </item>
/// <item>
/// It is less: somebody claimed before and has not published, or has by bit. The claimant reads the bits from the frontier to its slot (6, each
/// word acquired), and moves the frontier over those that are set by compare-and-swap (full fence): if that is all of them, over its own slot too,
/// and is done. Is one unset, or has the frontier moved meanwhile, it sets its bit (7; full fence; words wholly its own by a store, release).
/// </item>
/// </list>
/// <para>
/// Either way that is its last access to the slots' memory and the bits': whoever finds a slot published may unmap it. A bit may end up set above a
/// frontier that could move over it, and stays so until the next append does. Readers do not mind, they ask both.
/// </para>
/// <para>
/// <b>Contention.</b> What makes appends slow beside others is the cache line of <c>Claimed</c>, which goes from processor to processor for each. A
/// claimant that was out of order and, having published, finds that others have claimed since, pauses. Nobody waits for it, and the others do many
/// appends meanwhile, in order.
/// </para>
/// <para>
/// <b>Why a reader sees the whole element.</b> It read the bit (acquire), set after the element was written (release): done. Or it read the
/// frontier (acquire) above the slot. Each move of the frontier (release) comes after its mover wrote its own slot, and after it acquired what
/// published those below: the frontier at which it started, stored by the mover before, and the bits. So the writes of all slots below happen
/// before the move, and before the read. None of this leans on x86's order; on arm64 each release and acquire named here is an instruction
/// (<see cref="Volatile"/>, <see cref="Interlocked"/>).
/// </para>
/// <para>
/// <b>Growing</b> happens under a lock: memory is committed (8), then <c>Hard</c> and <c>Soft</c> are stored (release). Whoever reads them
/// (acquire) may use what they cover. Each grower looks, under the lock, whether what it needs is there: to come second is to find it, or to commit
/// the rest.
/// </para>
/// <para>
/// <b>The end</b> closes <c>Claimed</c> by one exchange (9). Claims after it come out below zero, and write nothing. Claims before it that have
/// memory are published sooner or later, and waited for. Of those that have none, overtaken and about to grow, some may still do so and are waited
/// for then; once the end is decided, under the lock that growing takes, the others are refused like claims that came too late. Nobody touches the
/// memory any more (10), and it is unmapped.
/// </para>
/// </remarks>
/// <typeparam name="TObserver">Is told of the steps: the numbers above.</typeparam>
internal partial struct AppendSlots<TObserver>
    where TObserver : struct, IAppendObserver
{
    /// <summary>
    /// How many threads can be between seeing room and claiming it, all at once, and find memory. More of them grow the list themselves.
    /// </summary>
    public const nint Slack = 1024;

    /// <summary>In turns of <see cref="Thread.SpinWait"/>, of 40 to 60 ns: as long as a hundred appends or more take.</summary>
    private const int Pause = 32;

    /// <summary>What closed slots have handed out: far below zero, so that claims which come too late stay there.</summary>
    private const long ClosedMark = long.MinValue / 2;

    private readonly GrowingMemory _memory;
    private readonly GrowingMemory _bitMemory;
    private readonly nuint _elementSize;
    private readonly nuint _elementOffset;
    private readonly GrowthStrategy _growth;
    private readonly ReadyBits _ready;

    private readonly UninterruptedLock _growing = new(); // an interrupt would leave a claim that nobody publishes, and an end that waits for it
    private readonly List<nint> _abandoned = [];
    private bool _hasEnded;

    // What every append writes: alone on its cache lines, and part of the list's own object: one load less for each append.
    private AppendState _state;

    /// <exception cref="ArgumentException">The options contradict themselves or exceed the address space.</exception>
    /// <exception cref="MemoryPagesException">There are not so many addresses, or no memory for the header.</exception>
    public unsafe AppendSlots(nuint elementSize, in ListOptions options)
    {
        (nuint offset, nint maximum, ReserveRequest request) = options.Layout(elementSize);
        _elementSize = elementSize;
        _elementOffset = offset;
        _growth = options.Growth;
        MaximumCapacity = maximum;
        _memory = GrowingMemory.Reserve(request, options, nameof(ConcurrentVirtualList<>));
        try
        {
            ThrowIfRefused(_memory.EnsureCommitted(offset, offset), offset); // the header
            _bitMemory = GrowingMemory.Reserve(
                new ReserveRequest
                {
                    Length = PageSize.AlignUp(Math.Max(ReadyBits.BytesFor(maximum), 1), PageSize.Base),
                    Alignment = PageSize.Base,
                },
                new ListOptions { NoHugePages = true, Name = options.Name },
                nameof(ConcurrentVirtualList<>));
        }
        catch
        {
            _memory.Mapping.CloseOnceIdle();
            throw;
        }

        _ready = new ReadyBits((ulong*)_bitMemory.Mapping.Address);
    }

    public nint MaximumCapacity { get; }

    /// <summary>Where the first slot lies.</summary>
    public readonly nuint Address => _memory.Mapping.Address + _elementOffset;

    /// <summary>Slots handed out, whether or not they are published. 0 after the end.</summary>
    public readonly nint Count => (nint)Math.Clamp(Volatile.Read(in _state.Claimed), 0, MaximumCapacity);

    /// <summary>Slots that have memory. It only grows, until the end.</summary>
    public readonly nint Capacity => (nint)Volatile.Read(in _state.Hard);

    /// <summary>All slots below are published. 0 after the end.</summary>
    public readonly nint Frontier => (nint)Volatile.Read(in _state.Frontier);

    /// <summary>Takes a slot for one element. It has memory, which holds zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Claim()
    {
        long soft = Volatile.Read(ref _state.Soft);
        if (Volatile.Read(ref _state.Claimed) >= soft)
        {
            return ClaimRange(1);
        }

        TObserver.At(AppendStep.RoomSeen);
        nint index = (nint)(Interlocked.Increment(ref _state.Claimed) - 1);
        TObserver.At(AppendStep.Claimed);
        if ((ulong)index >= (ulong)(soft + Slack))
        {
            CoverOvertaken(index); // or closed: then it is below zero, which is much as a ulong
        }

        return index;
    }

    /// <summary>Takes slots side by side. They have memory, which holds zeros. None is used up when it throws.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public nint ClaimRange(nint count)
    {
        while (true)
        {
            long claimed = Volatile.Read(ref _state.Claimed);
            ThrowIfClosed(claimed);
            nint required = Required((nint)claimed, count);
            if (required > Capacity)
            {
                Grow(required, ahead: true);
            }

            TObserver.At(AppendStep.RangeCovered);
            if (Interlocked.CompareExchange(ref _state.Claimed, required, claimed) == claimed)
            {
                return (nint)claimed;
            }
        }
    }

    /// <summary>Makes what was written to claimed slots visible. From then on the caller must not touch them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(nint index, nint count = 1)
    {
        long frontier = Volatile.Read(ref _state.Frontier);
        TObserver.At(AppendStep.FrontierRead);
        if (frontier == index)
        {
            Volatile.Write(ref _state.Frontier, index + count);
        }
        else
        {
            PublishOutOfOrder(index, count, (nint)frontier);
        }
    }

    /// <summary>Whether a slot can be read. Any number is legal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsPublished(nint index) => (nuint)index < (nuint)Frontier || IsPublishedOutOfOrder(index);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PublishOutOfOrder(nint index, nint count, nint frontier)
    {
        nint unset = _ready.FirstUnset(frontier, index);
        TObserver.At(AppendStep.BitsRead);
        bool isMoved = unset > frontier
            && Interlocked.CompareExchange(ref _state.Frontier, unset == index ? index + count : unset, frontier) == frontier;
        if (!isMoved || unset != index)
        {
            TObserver.At(AppendStep.FrontierMoved);
            _ready.Set(index, count);
        }

        if (Volatile.Read(ref _state.Claimed) != index + count)
        {
            Thread.SpinWait(Pause);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool IsPublishedOutOfOrder(nint index) => (nuint)index < (nuint)Math.Min(Count, Capacity) && _ready.IsSet(index);
}
