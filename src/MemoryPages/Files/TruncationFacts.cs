namespace MemoryPages;

/// <summary>What a file lost while it was mapped, since it was mapped or refreshed.</summary>
/// <param name="Faults">
/// How many accesses met a page that was not there. The first 256 are answered with a page of zeros each, later ones with zeros from that page to the
/// end: pages of their own would reach the system's limit of mappings (<c>vm.max_map_count</c>).
/// </param>
/// <param name="Replaced">
/// From the first page that zeros replaced to the end of the pages; empty if none was. Pages of it that nobody touched may still be the file's.
/// </param>
/// <param name="Missing">
/// Bytes at the end of the pages that the file does not reach now, and did when it was mapped. If this is 0 and there were faults, the file has grown
/// again, or it was not shortened at all: its device failed, or the disk is full.
/// </param>
public readonly record struct TruncationFacts(ulong Faults, PageRange Replaced, nuint Missing);
