namespace MemoryPages;

/// <summary>What the system's cache holds of a part of a file, in bytes, whole pages. A snapshot.</summary>
/// <param name="Cached">In memory, whoever read or wrote it.</param>
/// <param name="Dirty">Of these, changed and not yet on the device.</param>
/// <param name="WritingBack">Of these, on their way to the device now.</param>
/// <param name="Evicted">Not in memory any more, and still remembered.</param>
/// <param name="RecentlyEvicted">Of these, so recently that the working set does not fit into memory.</param>
public readonly record struct FileCacheFacts(nuint Cached, nuint Dirty, nuint WritingBack, nuint Evicted, nuint RecentlyEvicted);
