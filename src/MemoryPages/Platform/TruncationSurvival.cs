namespace MemoryPages.Platform;

/// <summary>
/// Keeps a process alive whose mapped file is cut off by somebody: an access to a page that the file has lost finds a page of zeros, and that is
/// noted.
/// </summary>
/// <remarks>
/// What is known here is ranges of addresses with a protection. Their owner says when they come, go, move and change; while it does, no access that
/// is to survive may be under way: accesses hold leases, these verbs exclusive access. <see cref="Begin"/>, <see cref="BeginPart"/> and
/// <see cref="End"/> of all ranges come one at a time.
/// </remarks>
internal abstract class TruncationSurvival
{
    /// <summary>How many ranges, wholes and parts, survive now.</summary>
    public abstract int Count { get; }

    /// <summary>A mapping of a file survives from now on.</summary>
    /// <param name="address">The first mapped byte.</param>
    /// <param name="length">Bytes mapped.</param>
    /// <param name="pageSize">What is replaced at once: the huge page of a file system of huge pages.</param>
    /// <param name="protection">Of the pages, and so of those that replace them.</param>
    /// <param name="range">To be given to <see cref="End"/> before the mapping ends.</param>
    public abstract SystemError Begin(nuint address, nuint length, nuint pageSize, PageProtection protection, out SurvivingRange range);

    /// <summary>A part of it has another protection, until <see cref="End"/> of the part. Its replacements are noted with the whole's.</summary>
    public abstract SystemError BeginPart(SurvivingRange whole, nuint address, nuint length, PageProtection protection, out SurvivingRange part);

    /// <summary>The addresses are a stranger's from now on.</summary>
    public abstract void End(SurvivingRange range);

    public abstract void Protect(SurvivingRange whole, PageProtection protection);

    /// <summary>Before addresses of it may become a stranger's: nothing of it survives until <see cref="Resume"/>.</summary>
    public abstract void Suspend(SurvivingRange whole);

    /// <summary>The mapping is there now, as long as this, its replacements with it.</summary>
    public abstract void Resume(SurvivingRange whole, nuint address, nuint length);

    /// <summary>What was replaced since the beginning, or since it was forgotten.</summary>
    public abstract Replacements Replaced(SurvivingRange whole);

    public abstract void ForgetReplaced(SurvivingRange whole);
}

/// <summary>A range that survives; <c>default</c> is none.</summary>
internal readonly record struct SurvivingRange(nuint Identity);

/// <summary>What was replaced by zeros.</summary>
/// <param name="Faults">How many accesses found no page.</param>
/// <param name="Lowest">The lowest address of a page that was replaced; the largest address there is where none was.</param>
internal readonly record struct Replacements(ulong Faults, nuint Lowest);
