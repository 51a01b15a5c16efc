namespace MemoryPages.Platform;

/// <summary>A system in place of the running one, for the library's own tests.</summary>
/// <remarks>
/// Looked at once, when <see cref="MemorySystem"/> is first used, and apart from it, so that it can be set before. Whoever wants a second system
/// loads the library a second time: what the JIT knows of the first stays true.
/// </remarks>
internal static class SystemChoice
{
    public static MemorySystem? Instead { get; set; }
}
