using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>
/// Parts that have another protection for a while. No other use of such a part is possible meanwhile, so that what a type says holds.
/// </summary>
internal sealed partial class MappingHandle
{
    private OpenScopes? _scopes;
    private long _lastScope;

    /// <summary>Changes the protection of a part and keeps everything else away from it. Takes a lease.</summary>
    /// <param name="owner">Where the caller keeps this mapping; false is returned when it is not there any more.</param>
    /// <param name="range">The part; rounded outward.</param>
    /// <param name="current">The protection of the whole.</param>
    /// <param name="wished">The protection until <see cref="ExitScope"/>.</param>
    /// <param name="operation">For messages.</param>
    /// <param name="scope">The scope: an identity of its own, so that a copy which ends it again is found out, and the part in fact.</param>
    public bool TryEnterScope(
        ref MappingHandle? owner, PageRange range, PageProtection current, PageProtection wished, string operation, out Scope scope)
    {
        OpenScopes scopes = Volatile.Read(ref _scopes) ?? Interlocked.CompareExchange(ref _scopes, new(), null) ?? _scopes;
        using (scopes.Gate.Enter())
        {
            ClaimBesideScopes(scopes, range, operation);
            try
            {
                scope = default;
                if (!ReferenceEquals(Volatile.Read(ref owner), this))
                {
                    return false;
                }

                ThrowIfOutside(range);
                (nuint address, nuint length) = Outward(range);
                var whole = new PageRange(address - _range.Address, length);
                ThrowIfScoped(scopes, whole, operation);
                SystemError error = EnterPart(address, length, current, wished, out SurvivingRange part);
                if (error.Failed)
                {
                    throw Failure(error, operation, address, length, wished);
                }

                scope = new Scope(++_lastScope, whole, part);
                scopes.Add(scope);
                Interlocked.Or(ref _state, Scoped);
                Interlocked.Increment(ref _state);
                return true;
            }
            finally
            {
                ExitExclusive();
            }
        }
    }

    /// <summary>Gives the part its protection back and ends the lease.</summary>
    /// <exception cref="InvalidOperationException">The scope has ended: a copy of it did that.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused. The part keeps the scope's protection and stays out of use for good, and the lease stays open with it: memory that is
    /// lost is better than a type that lies.
    /// </exception>
    public void ExitScope(Scope scope, PageProtection current, PageProtection wished, string operation)
    {
        using (_scopes!.Gate.Enter())
        {
            ThrowIfEnded(scope);
            nuint address = _range.Address + scope.Range.Offset;
            SystemError error = ChangeProtection(address, scope.Range.Length, current, wished);
            if (error.Failed)
            {
                throw Failure(error, operation, address, scope.Range.Length, wished);
            }

            FileSurvival.EndPart(scope.Part);
            _scopes.Remove(scope);
            if (_scopes.Count == 0)
            {
                Interlocked.And(ref _state, ~Scoped);
            }
        }

        Release();
    }

    /// <summary>A lease that a scope takes on its own part. The scope's own lease holds everything else off already.</summary>
    /// <exception cref="InvalidOperationException">The scope has ended: a copy of it did that.</exception>
    public void AcquireWithin(Scope scope)
    {
        using (_scopes!.Gate.Enter())
        {
            ThrowIfEnded(scope);
            AcquireAgain();
        }
    }

    private void ThrowIfEnded(Scope scope)
    {
        if (!_scopes!.Contains(scope))
        {
            throw new InvalidOperationException("This protection scope has ended already: a copy of it was disposed. Scopes must not be copied.");
        }
    }

    /// <summary>Takes the word for itself; only leases of other scopes, on other parts, may be open.</summary>
    private void ClaimBesideScopes(OpenScopes scopes, PageRange range, string operation)
    {
        var spin = default(SpinWait);
        while (true)
        {
            long state = Volatile.Read(ref _state);
            ThrowIfClosed(state);
            if ((state & Exclusive) == 0)
            {
                ThrowIfScoped(scopes, new PageRange(range.Offset + (Address - _range.Address), range.Length), operation);
                if ((state & LeaseMask) != scopes.Count)
                {
                    ThrowLeased(operation, state & LeaseMask);
                }

                if (Interlocked.CompareExchange(ref _state, state | Exclusive, state) == state)
                {
                    return;
                }
            }

            spin.SpinOnce();
        }
    }

    private protected override bool TryAcquireBesideScopes(PageRange range, long state)
    {
        using (_scopes!.Gate.Enter())
        {
            ThrowIfScoped(_scopes, new PageRange(range.Offset + (Address - _range.Address), range.Length), "A view");

            // Scopes come and go under this lock only, so that the check above holds for the word as it was read.
            return Interlocked.CompareExchange(ref _state, state + 1, state) == state;
        }
    }

    /// <summary>With their lock: ending one gives memory back to who may use it, so that an interrupt must not come between.</summary>
    private sealed class OpenScopes : List<Scope>
    {
        public UninterruptedLock Gate { get; } = new();
    }

    private static void ThrowIfScoped(OpenScopes scopes, PageRange range, string operation)
    {
        foreach ((_, PageRange scope, _) in scopes)
        {
            if (scope.Overlaps(range))
            {
                throw new InvalidOperationException(
                    $"{operation} overlaps a protection scope over bytes {scope.Offset} to {scope.Offset + scope.Length}: use the scope itself, or end it first.");
            }
        }
    }
}

/// <summary>A part under another protection: which one, in bytes from the mapped address, and where its file may shrink, the part for that.</summary>
internal readonly record struct Scope(long Identity, PageRange Range, SurvivingRange Part);
