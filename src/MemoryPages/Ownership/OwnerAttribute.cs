namespace MemoryPages.Ownership;

/// <summary>Marks a type whose objects own something that their Dispose ends: pages, a buffer, a list, a handle of yours.</summary>
/// <remarks>
/// The analyzer that comes with this package then reports use after Dispose (MP1001), ending an owner under a view of it (MP1005), views of an owner
/// that nobody holds (MP1006), and owners that are never disposed (MP1007). The library marks its own types with the same attributes: there is no
/// other list.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OwnerAttribute : Attribute;
