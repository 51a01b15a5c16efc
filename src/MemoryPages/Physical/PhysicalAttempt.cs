using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>One try at memory in frames of choice: each page size in turn, smallest first.</summary>
internal sealed class PhysicalAttempt
{
    /// <summary>Pages that are moved while they are made to stay are looked for anew so often.</summary>
    private const int MostSearches = 4;

    /// <summary>Neighbouring base pages are looked for in blocks of up to so many: more of them side by side are rare.</summary>
    private const int MostBasePages = 16;

    /// <summary>And among so many.</summary>
    private const int MostBasePagesTaken = 4 * 1024;

    private readonly nuint _length;
    private readonly PhysicalMemoryOptions _options;
    private FramePlace _place;
    private (FramePlace Place, int Taken, ulong Lowest) _told;

    /// <exception cref="ArgumentException">A wish that nothing can fulfil.</exception>
    public PhysicalAttempt(nuint length, in PhysicalMemoryOptions options)
    {
        options.ThrowIfContradictory(length);
        _length = length;
        _options = options;
        _place = PlaceOf(PageSize.Base);
        _told = (_place, 0, PhysicalFrame.Absent);
    }

    /// <summary>What keeps the pages that were got.</summary>
    public PhysicalHold Hold { get; private set; }

    /// <summary>Gets the memory. Nothing is left of it where it fails.</summary>
    /// <exception cref="PlatformNotSupportedException">The required hold is not to be had.</exception>
    public SystemError Run(out MappingHandle? mapping, out FrameTable? frames)
    {
        (mapping, frames) = (null, null);
        SystemError error = MemorySystem.Current.ProbePhysicalAddresses();
        if (error.Failed)
        {
            return error;
        }

        error = MemorySystem.Current.NoSuchFrames;
        foreach (FramePlace place in Places())
        {
            _place = place;
            SystemError answer = RunWith(out mapping, out frames, out int taken, out ulong lowest);
            if (!answer.Failed)
            {
                return answer;
            }

            // What is told is of the smallest huge page: it is the one to get more of.
            if (_told.Place.PageSize == PageSize.Base)
            {
                (_told, error) = ((place, taken, lowest), answer);
            }
        }

        return error;
    }

    /// <summary>For the exception.</summary>
    public FailedOperation Describe(string operation) => new(operation, _options.Name, 0, (nuint)_told.Place.Length, _told.Place.PageSize)
    {
        Frames = new WishedFrames(_options.Scattered, _options.MaxAddress, _options.Node, _told.Taken, _told.Lowest),
    };

    private SystemError RunWith(out MappingHandle? mapping, out FrameTable? frames, out int taken, out ulong lowest)
    {
        (mapping, frames, taken, lowest) = (null, null, 0, PhysicalFrame.Absent);
        SystemError error = default;
        for (int search = 0; search < MostSearches; search++)
        {
            HugePagePool? pool = _options.GrowPool ? Grow(search) : null;
            using (var pages = new FrameSearch(_place, _options.Node, _options.Name ?? "physical memory"))
            {
                error = pages.Run(MostPages(), out mapping);
                (taken, lowest) = (pages.Taken, pages.Lowest);
            }

            pool?.KeepOnly(error.Failed ? 0 : Math.Min(pool.Added, _place.Count)); // the others were looked at, and are free again
            if (!error.Failed)
            {
                error = Settle(mapping!, pool, out frames);
            }

            if (!error.Failed)
            {
                return error;
            }

            mapping?.CloseOnceIdle();
            mapping = null;
            bool mayBeFoundYet = error.Call == MemorySystem.Current.NoSuchFrames.Call && (pool is not null || frames is not null);
            frames = null;
            if (!mayBeFoundYet)
            {
                return error;
            }
        }

        return error;
    }

    /// <summary>
    /// What the pool is short of, and twice that each time that no pages lay as wished. Null where the pool cannot be raised, or need not be.
    /// </summary>
    private HugePagePool? Grow(int search)
    {
        if (_place.PageSize == PageSize.Base)
        {
            return null;
        }

        long wanted = ((long)_place.Count << search) - HugePagePool.Counters(_place.PageSize, _options.Node).Available;
        return wanted > 0 && HugePagePool.TryReserve(wanted, _place.PageSize, _options.Node, out HugePagePool? pool) ? pool : null;
    }

    /// <summary>Makes the pages stay, and then looks where they are: making them stay may have moved them.</summary>
    /// <param name="mapping">The pages.</param>
    /// <param name="pool">What was added to the pool for them: theirs from here on.</param>
    /// <param name="frames">Where they are, also where that is not as wished; null where it could not be seen.</param>
    private SystemError Settle(MappingHandle mapping, HugePagePool? pool, out FrameTable? frames)
    {
        frames = null;
        MemorySystem system = MemorySystem.Current;
        var pin = new SafeFileHandle();
        mapping.HoldUntilEnd(new HeldFrames(pin, pool));
        bool isHuge = _place.PageSize > PageSize.Base;
        SystemError error = system.Populate(mapping.Address, mapping.Length, _place.PageSize, forWriting: true);
        if (!error.Failed && !isHuge)
        {
            error = system.Lock(mapping.Address, mapping.Length, LockMode.Resident); // huge pages are never swapped: no need to use up the limit
        }

        if (error.Failed)
        {
            return error;
        }

        SystemError unpinned = system.Pin(mapping.Address, mapping.Length, pin);
        Hold = PhysicalHold.Resident | PhysicalHold.SurvivesFork
            | (isHuge || system.LockedPagesStay || !unpinned.Failed ? PhysicalHold.NotCompacted : 0)
            | (!unpinned.Failed ? PhysicalHold.Pinned : 0);
        if ((_options.RequiredHold & ~Hold) != 0)
        {
            mapping.CloseOnceIdle();
            throw new PlatformNotSupportedException(
                $"The hold {_options.RequiredHold & ~Hold} is required, and what can be had is {Hold}: "
                + $"{unpinned.Call} said {system.ErrorSymbol(unpinned.Code)}. Pinning takes io_uring (kernel.io_uring_disabled=0, no sandbox that forbids it) "
                + "and counts against RLIMIT_MEMLOCK without CAP_IPC_LOCK.");
        }

        var table = new FrameTable(mapping.Address, mapping.Length, _options.Boundary);
        error = table.Refresh();
        if (error.Failed)
        {
            return error;
        }

        frames = table;
        return IsAsWished(table) && IsOnNode(mapping) ? SystemError.None : system.NoSuchFrames;
    }

    private bool IsAsWished(FrameTable frames) => frames.FirstWithout() is null && (_place.Scattered
        ? frames.Segments.All(segment => _options.MaxAddress == 0 || segment.Address.Value + segment.Length - 1 <= _options.MaxAddress)
        : frames.IsOneRun && frames.TryAddressOf(0, out ulong start) && _place.AllowsStart(start));

    private bool IsOnNode(MappingHandle mapping)
    {
        if (_options.Node is not int node)
        {
            return true;
        }

        var nodes = new int[_place.Count];
        return !MemorySystem.Current.QueryNodes(mapping.Address, _place.PageSize, nodes).Failed && nodes.AsSpan().IndexOfAnyExcept(node) < 0;
    }

    private IEnumerable<FramePlace> Places()
    {
        if (_options.PageSize != 0)
        {
            return [PlaceOf(_options.PageSize)];
        }

        FramePlace small = PlaceOf(PageSize.Base);
        return _options.Scattered ? [small]
            : [.. small.Count <= MostBasePages ? [small] : Array.Empty<FramePlace>(), .. PageSize.Huge.ToArray().Select(PlaceOf)];
    }

    private FramePlace PlaceOf(nuint pageSize)
    {
        nuint count = (_length / pageSize) + (_length % pageSize == 0 ? 0u : 1u);
        return new FramePlace(
            pageSize,
            (int)Math.Min(count, int.MaxValue / 2),
            Math.Max(_options.Alignment, pageSize),
            _options.Boundary,
            _options.MaxAddress == 0 ? ulong.MaxValue : _options.MaxAddress,
            _options.Scattered);
    }

    /// <summary>The most pages that are taken to look at: all free ones of the pool.</summary>
    private int MostPages() => _place.PageSize > PageSize.Base
        ? (int)Math.Min(MemorySystem.Current.QueryHugePagePool(_place.PageSize, null).Available, int.MaxValue / 2)
        : _place is { Scattered: true } && _options.MaxAddress == 0 ? _place.Count : Math.Max(_place.Count, MostBasePagesTaken);
}
