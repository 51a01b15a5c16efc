namespace MemoryPages.Virtual;

/// <summary>
/// Where another thread can come between the steps of an append, a growth or an end. The numbers are those of <see cref="AppendSlots{TObserver}"/>.
/// </summary>
internal enum AppendStep
{
    /// <summary>1: there is room for one more; it is not claimed yet.</summary>
    RoomSeen,

    /// <summary>2: the slot is claimed, its memory not yet known to be there.</summary>
    Claimed,

    /// <summary>3: the slot has no memory, and growing has failed; others do not know of it yet.</summary>
    GrowthFailed,

    /// <summary>4: there is memory for a whole range; it is not claimed yet.</summary>
    RangeCovered,

    /// <summary>5: the frontier has been read; what was written is not published yet.</summary>
    FrontierRead,

    /// <summary>6: the bits between the frontier and the slot have been read; what was written is not published yet.</summary>
    BitsRead,

    /// <summary>7: the frontier has been moved over others' slots, or could not be; this one's bit is not set yet.</summary>
    FrontierMoved,

    /// <summary>8: memory has been committed; nobody has been told. The lock is held.</summary>
    Committed,

    /// <summary>9: the slots are closed to new claims; those under way are not settled.</summary>
    Closed,

    /// <summary>10: all claims are settled; the memory is still there.</summary>
    Settled,
}

/// <summary>Is told of each step, and can stop the thread there. A type argument, so that the JIT leaves nothing of one that does nothing.</summary>
internal interface IAppendObserver
{
    static abstract void At(AppendStep step);
}

/// <summary>Every list's: the tests alone have another.</summary>
internal readonly struct Unobserved : IAppendObserver
{
    public static void At(AppendStep step)
    {
    }
}
