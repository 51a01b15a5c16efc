using System.Runtime.CompilerServices;

namespace MemoryPages.Mapping;

/// <summary>A lease as a value that finds out its copies: once one of them has ended it, all others are refused.</summary>
/// <remarks>
/// Views are ref structs, and C# lets those be copied. The lease itself is therefore an entry that lives outside the view and is numbered anew each
/// time it is used; a ticket with an old number is void. Entries are kept for use again by the thread: views cannot leave it, so no interlocked
/// operation is needed. The ticket keeps the mapping alive because ending it touches the entry, which holds the mapping; a field that nobody touches
/// would not.
/// </remarks>
internal readonly struct LeaseTicket
{
    private readonly Entry? _entry;
    private readonly long _number;

    /// <param name="mapping">Leased already; this ticket ends that lease.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LeaseTicket(MappingHandle mapping)
    {
        Entry? entry = t_spare;
        if (entry is null)
        {
            entry = new Entry();
        }
        else
        {
            t_spare = entry.Next;
        }

        entry.Mapping = mapping;
        _entry = entry;
        _number = entry.Number;
    }

    [ThreadStatic]
    private static Entry? t_spare;

    /// <exception cref="ObjectDisposedException">The lease was ended, through this or through a copy.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ThrowIfEnded()
    {
        if (_entry is not null && _entry.Number != _number)
        {
            Throw();
        }
    }

    /// <summary>Ends the lease. Nothing for the ticket of a default view.</summary>
    /// <exception cref="ObjectDisposedException">It was ended before, through a copy.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End()
    {
        ThrowIfEnded();
        if (_entry is { } entry)
        {
            MappingHandle mapping = entry.Mapping!;
            entry.Mapping = null;
            entry.Number++;
            entry.Next = t_spare;
            t_spare = entry;
            mapping.Release();
        }
    }

    private static void Throw() => throw new ObjectDisposedException(
        "view", "This view has ended: it, or a copy of it, was disposed. Views must not be copied.");

    private sealed class Entry
    {
        public MappingHandle? Mapping;
        public Entry? Next;
        public long Number;
    }
}
