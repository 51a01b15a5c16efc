using MemoryPages.Mapping;

namespace MemoryPages.Diagnostics;

/// <summary>Reports pages that were lost without being disposed.</summary>
public static class PageLeaks
{
    /// <summary>
    /// Raised on the finalizer thread for each leak that the garbage collector comes upon. Handlers must not throw: that would end the process.
    /// </summary>
    /// <remarks>Allocation stacks are taken in hardened mode only (<c>MEMORYPAGES_HARDENED=1</c>): each costs some microseconds.</remarks>
    public static event EventHandler<PageLeakEventArgs>? Found
    {
        add
        {
            s_found += value;
            MappingHandle.LeakObserver = Report;
        }

        remove => s_found -= value;
    }

    private static EventHandler<PageLeakEventArgs>? s_found;

    private static void Report(LostMapping lost) => s_found?.Invoke(null, new PageLeakEventArgs
    {
        Length = lost.Length,
        Name = lost.Name,
        OpenLeases = lost.Leases,
        WasUnmapped = lost.Unmapped,
        AllocationStack = lost.AllocationStack,
    });
}

/// <summary>Pages that nobody disposed.</summary>
public sealed class PageLeakEventArgs : EventArgs
{
    /// <summary>Bytes.</summary>
    public required nuint Length { get; init; }

    /// <summary>Their name, or their file's path.</summary>
    public required string? Name { get; init; }

    /// <summary>Leases that were open and will never end: views without <c>using</c>, lost memory leases.</summary>
    public required long OpenLeases { get; init; }

    /// <summary>
    /// Whether the memory was given back. It is not where a lease is open, or a raw pointer or unbounded span was handed out that may still point to
    /// it: then it stays mapped for the life of the process.
    /// </summary>
    public required bool WasUnmapped { get; init; }

    /// <summary>Where they were allocated, in hardened mode; else null.</summary>
    public required string? AllocationStack { get; init; }
}
