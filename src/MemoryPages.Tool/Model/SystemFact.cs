namespace MemoryPages.Tool.Model;

/// <summary>Something about the machine, in words.</summary>
internal sealed record SystemFact(string Name, string Value);
