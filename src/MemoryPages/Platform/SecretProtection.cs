namespace MemoryPages;

/// <summary>What holds for secret memory.</summary>
[Flags]
public enum SecretProtection
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It stays in memory: never in a swap file, nor in the image of a machine that is put to sleep.</summary>
    Locked = 0x1,

    /// <summary>It is left out of core dumps.</summary>
    NotDumped = 0x2,

    /// <summary>A child process that is forked does not get its content.</summary>
    NotForked = 0x4,

    /// <summary>Inaccessible pages stand on both sides: running over its ends is a fault.</summary>
    Guarded = 0x8,

    /// <summary>
    /// The kernel itself has taken it out of its tables: no debugger, no <c>/proc/PID/mem</c>, no system call that reads other processes reaches it,
    /// not even root's. Linux: memfd_secret(2).
    /// </summary>
    Hidden = 0x10,
}
