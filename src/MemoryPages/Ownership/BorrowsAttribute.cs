namespace MemoryPages.Ownership;

/// <summary>Marks a parameter that is used during the call and not kept: the caller still owns the argument, and it must not be spent.</summary>
/// <remarks>It goes without saying for the object that a method is called on, extension methods included.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BorrowsAttribute : Attribute;
