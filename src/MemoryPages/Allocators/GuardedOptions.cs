namespace MemoryPages;

/// <summary>Wishes for a <see cref="GuardedAllocator{TAllocator}"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct GuardedOptions
{
    /// <summary>
    /// Addresses, in bytes, that freed blocks may keep inaccessible before the oldest are used again; null for 64 MiB. They hold no memory.
    /// </summary>
    public nuint? QuarantinedBytes { get; init; }

    /// <summary>
    /// Told of each misuse, on the thread that it is found on. null: a misuse is an <see cref="AllocatorMisuseException"/>. With it the program goes
    /// on: blocks with a wrong layout are freed with their own, unknown ones are left alone.
    /// </summary>
    public Action<AllocatorMisuse>? Report { get; init; }

    internal nuint Quarantined => QuarantinedBytes ?? 64 << 20;
}
