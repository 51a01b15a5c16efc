namespace MemoryPages.Analyzers.Vocabulary;

/// <summary>Whether a call leaves an object spent.</summary>
internal enum Consumption
{
    Never,
    Always,

    /// <summary>Where it returns true.</summary>
    WhenTrue,
}
