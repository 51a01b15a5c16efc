namespace MemoryPages.Ownership;

/// <summary>
/// Marks a method that takes away what views, spans and references of its object rely on: the content, the protection or the address. Calling it
/// while one of them is still used is reported (MP1005). It goes without saying for Dispose, and for what <see
/// cref="ConsumesAttribute">consumes</see>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InvalidatesAttribute : Attribute;
