namespace MemoryPages.Testing;

/// <summary>What an allocator can, for the checks to stay within.</summary>
internal sealed record AllocatorAbilities
{
    /// <summary>Bytes that it can surely give, in all, at one time.</summary>
    public nuint Capacity { get; init; } = 16 << 20;

    /// <summary>An alignment that it must give; for larger ones it may say no.</summary>
    public nuint LargestAlignment { get; init; } = 4 * PageSize.Base;

    /// <summary>Whether what was freed can be had again, at once and without end. Of an arena it cannot.</summary>
    public bool Reuses { get; init; } = true;

    /// <summary>Whether it may be used on several threads at once.</summary>
    public bool IsThreadSafe { get; init; }
}

/// <summary>An allocator broke the contract of <see cref="IAllocator"/>.</summary>
internal sealed class AllocatorConformanceException : Exception
{
    public AllocatorConformanceException()
    {
    }

    public AllocatorConformanceException(string message)
        : base(message)
    {
    }

    public AllocatorConformanceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
