namespace MemoryPages;

/// <summary>Memory of a <see cref="GuardedAllocator{TAllocator}"/> was misused: a bug of the program.</summary>
public sealed class AllocatorMisuseException : InvalidOperationException
{
    /// <summary>A misuse without detail.</summary>
    public AllocatorMisuseException()
    {
    }

    /// <summary>A misuse with a message only.</summary>
    /// <param name="message">What happened.</param>
    public AllocatorMisuseException(string message)
        : base(message)
    {
    }

    /// <summary>A misuse with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public AllocatorMisuseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal AllocatorMisuseException(IReadOnlyList<AllocatorMisuse> found)
        : base(Describe(found)) =>
        Found = found;

    /// <summary>What was found: one, or all blocks that were not freed.</summary>
    public IReadOnlyList<AllocatorMisuse> Found { get; } = [];

    private static string Describe(IReadOnlyList<AllocatorMisuse> found)
    {
        const int MostTold = 20;
        string text = string.Join(Environment.NewLine, found.Take(MostTold));
        return found.Count <= MostTold ? text : $"{text}{Environment.NewLine}… and {found.Count - MostTold} more.";
    }
}
