namespace MemoryPages;

/// <summary>What nobody can do to shared memory any more, in any process. Seals are added and never taken away.</summary>
/// <remarks>
/// Linux: fcntl(2), <c>F_ADD_SEALS</c>, whose numbers these are. Memory with a name of its own cannot be sealed. Windows: all shared memory has
/// <see cref="Length"/> and <see cref="Seal"/>, under a name too, and takes no others.
/// </remarks>
[Flags]
public enum SharedMemorySeals
{
    /// <summary>No seal.</summary>
    None = 0,

    /// <summary>No seal can be added any more.</summary>
    Seal = 0x1,

    /// <summary>The memory cannot become shorter: no peer can make a read of it end the process.</summary>
    Shrink = 0x2,

    /// <summary>The memory cannot become longer.</summary>
    Grow = 0x4,

    /// <summary>Its length is fixed: what a process should ask for before it maps memory of a stranger's.</summary>
    Length = Shrink | Grow,

    /// <summary>Its content is fixed. Refused while it is mapped to write.</summary>
    Write = 0x8,

    /// <summary>
    /// Nobody can map it to write any more; what is mapped already can go on to write, or be made to. For one writer and its readers, to whom it is
    /// given when this seal is on it. Linux 5.1.
    /// </summary>
    FutureWrite = 0x10,

    /// <summary>It cannot become a program to run. Memory that this library makes is sealed so from the start. Linux 6.3.</summary>
    Execute = 0x20,
}
