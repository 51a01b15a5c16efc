namespace MemoryPages;

/// <summary>What giving memory back really did: the systems' calls of one name do not agree, so the library says it each time.</summary>
/// <param name="Range">The range that was given back: the wished one, rounded inward to whole pages. Empty when no whole page lay in it.</param>
/// <param name="ReadsZero">Every byte of <paramref name="Range"/> reads zero from now on. If false it may, or may still hold its content.</param>
/// <param name="ChargeReleased">The system's commit charge went down by the range: other programs can be promised that memory.</param>
/// <param name="NeedsRecommit">The range must be committed before it is used again; touching it is a fault.</param>
public readonly record struct ReleaseFacts(PageRange Range, bool ReadsZero, bool ChargeReleased, bool NeedsRecommit);
