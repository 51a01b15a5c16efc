using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Virtual;

/// <summary>A reservation of which a prefix is committed: what every list stands on. It grows in place and never moves.</summary>
/// <remarks>
/// References into it cannot be bounded (a list hands out <c>ref</c>s that stay right as it grows), so its addresses go to the quarantine when it
/// ends: a stale reference is a fault and not a stranger's bytes.
/// </remarks>
internal sealed class GrowingMemory
{
    private readonly Lock _growing = new();
    private readonly Advice? _advice;
    private readonly bool _noHugePages;
    private readonly nuint _hugeFrom;
    private nuint _committed;

    private GrowingMemory(MappingHandle mapping, in ListOptions options)
    {
        Mapping = mapping;
        Mapping.MarkSpansEscaped();
        _advice = options.Advice;
        _noHugePages = options.NoHugePages;
        _hugeFrom = _noHugePages || PageSize.TransparentHuge == 0 ? nuint.MaxValue : PageSize.TransparentHuge;
        Advise(0, mapping.Length);
    }

    public MappingHandle Mapping { get; }

    /// <summary>Bytes from the start that are memory.</summary>
    public nuint Committed => Volatile.Read(ref _committed);

    /// <param name="request">The reservation.</param>
    /// <param name="options">How it grows.</param>
    /// <param name="ownerType">The public type that stands on it.</param>
    public static GrowingMemory Reserve(in ReserveRequest request, in ListOptions options, string ownerType)
    {
        SystemError error = MappingHandle.TryReserve(request, options.Name, out MappingHandle? mapping);
        if (error.Failed)
        {
            throw MappingHandle.Failure(error, nameof(Reserve), options.Name, 0, request.Length, PageSize.Base);
        }

        mapping!.OwnerType = ownerType;
        return new GrowingMemory(mapping, options);
    }

    /// <summary>Commits at least the first bytes. Threads may race for it: each finds at least what it asked for.</summary>
    /// <param name="required">Bytes that must be there afterwards.</param>
    /// <param name="wished">Bytes to commit if more are needed at all.</param>
    public SystemError EnsureCommitted(nuint required, nuint wished) => CommitUpTo(PageSize.AlignUp(wished, CommitStep(wished)), required);

    /// <summary>As <see cref="EnsureCommitted"/>, without anything ahead: the pages of the first bytes and no more.</summary>
    /// <param name="required">Bytes that must be there afterwards.</param>
    public SystemError EnsureCommittedExactly(nuint required) => CommitUpTo(required, required);

    /// <summary>Gives the memory behind the first bytes back, with its commit charge. Under exclusive access.</summary>
    public SystemError DecommitBehind(nuint kept)
    {
        nuint start = PageSize.AlignUp(kept, PageSize.Base);
        if (start >= _committed)
        {
            return SystemError.None;
        }

        SystemError error = MemorySystem.Current.Decommit(Mapping.Address + start, _committed - start);
        if (!error.Failed)
        {
            Advise(start, _committed - start);
            _committed = start;
        }

        return error;
    }

    /// <summary>
    /// Forgets the content behind the first bytes and keeps them committed: their memory is back with the system. Under exclusive access.
    /// </summary>
    public SystemError DiscardBehind(nuint kept)
    {
        nuint start = PageSize.AlignUp(kept, PageSize.Base);
        return start >= _committed ? SystemError.None : MemorySystem.Current.Discard(Mapping.Address + start, _committed - start);
    }

    private SystemError CommitUpTo(nuint wished, nuint required)
    {
        lock (_growing)
        {
            if (required <= _committed)
            {
                return SystemError.None;
            }

            // What growing ahead would want may not be to be had, and what is needed may.
            nuint needed = PageSize.AlignUp(required, PageSize.Base);
            nuint target = Math.Min(PageSize.AlignUp(wished, PageSize.Base), Mapping.Length);
            SystemError error = Extend(target);
            return error.Failed && target > needed ? Extend(needed) : error;
        }
    }

    private SystemError Extend(nuint end)
    {
        SystemError error = MemorySystem.Current.Commit(Mapping.Address + _committed, end - _committed);
        if (!error.Failed)
        {
            Volatile.Write(ref _committed, end);
            return error;
        }

        // Huge pages are wished for a part only, which makes two mappings of one: the first may be memory by now, and its charge goes back.
        _ = MemorySystem.Current.Decommit(Mapping.Address + _committed, end - _committed);
        Advise(_committed, end - _committed);
        return error;
    }

    /// <summary>Large lists commit whole huge pages: a half one could not be one.</summary>
    private nuint CommitStep(nuint length) => length >= _hugeFrom ? PageSize.TransparentHuge : PageSize.Base;

    /// <summary>Wishes, told again where memory was mapped anew. What the system does not take, it does without.</summary>
    private void Advise(nuint start, nuint length)
    {
        MemorySystem system = MemorySystem.Current;
        if (_advice is Advice advice)
        {
            _ = system.Advise(Mapping.Address + start, length, advice);
        }

        if (_noHugePages)
        {
            // Where the system uses huge pages unasked, not to ask is not enough.
            _ = system.Advise(Mapping.Address + start, length, MemoryPages.Advice.NoHugePage);
        }

        nuint end = start + length;
        nuint huge = Math.Max(start, _hugeFrom);
        if (huge < end)
        {
            _ = system.Advise(Mapping.Address + huge, end - huge, MemoryPages.Advice.HugePage);
        }
    }
}
