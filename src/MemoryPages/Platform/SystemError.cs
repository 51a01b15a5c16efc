namespace MemoryPages.Platform;

/// <summary>The outcome of a native call: which call, and the system's error number; <c>default</c> is success.</summary>
/// <remarks>
/// The platform floor throws nothing and allocates nothing: it returns this. The floors above decide whether a failure becomes an
/// exception, a <c>false</c> or a second attempt.
/// </remarks>
internal readonly struct SystemError(string call, int code)
{
    public static SystemError None => default;

    public string Call => call;

    public int Code => code;

    public bool Failed => code != 0;
}

/// <summary>What a person needs to know about an error: the kind, and what to do.</summary>
internal readonly record struct Diagnosis(ErrorReason Reason, string? Hint);

/// <summary>What was being done when a native call failed.</summary>
/// <param name="Name">The operation of this library.</param>
/// <param name="Subject">The user's name for the memory, or the file's path; null where it has none.</param>
/// <param name="Address">The first address, or 0.</param>
/// <param name="Length">Bytes.</param>
/// <param name="PageSize">The page that the memory is, or would be, made of.</param>
internal readonly record struct FailedOperation(string Name, string? Subject, nuint Address, nuint Length, nuint PageSize)
{
    /// <summary>The farthest that a byte of the range may be from <see cref="Address"/>; 0 where that was not wished.</summary>
    public nuint Reach { get; init; }

    /// <summary>The device that it was asked of, by its address; null where it was none.</summary>
    public string? Device { get; init; }

    /// <summary>What the floor above knows of the cause, for people; null where it knows nothing.</summary>
    public string? Because { get; init; }

    /// <summary>What gives the content.</summary>
    public Backing Backing { get; init; }

    /// <summary>What the file is, where there is one and it was asked.</summary>
    public FileKind FileKind { get; init; }

    /// <summary>Whether the range was sealed before.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Where in the machine it was wished, where that was.</summary>
    public WishedFrames? Frames { get; init; }

    /// <summary>The nodes that were to give the pages.</summary>
    public NumaPolicy NumaPolicy { get; init; }

    /// <summary>Whether pages were to move that other processes have too.</summary>
    public bool MovesShared { get; init; }

    /// <summary>The protection that was wished, where one was.</summary>
    public PageProtection Wished { get; init; }
}

/// <summary>Where in the machine memory was wished, and what a search for it has seen.</summary>
/// <param name="Scattered">Neighbouring frames were not needed.</param>
/// <param name="MaxAddress">The highest address of a byte; 0 for no bound.</param>
/// <param name="Node">The NUMA node; null for any.</param>
/// <param name="Taken">Pages looked at.</param>
/// <param name="Lowest">The lowest address among them.</param>
internal readonly record struct WishedFrames(bool Scattered, ulong MaxAddress, int? Node, int Taken, ulong Lowest);
