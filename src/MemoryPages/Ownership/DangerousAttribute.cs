namespace MemoryPages.Ownership;

/// <summary>
/// Marks what neither the compiler nor the run time can make safe. Members, or all members of a class: to be used in an <c>unsafe</c> context only,
/// and their results not to be kept in fields (MP1008). A struct: to be named only under a suppression that says why (MP1010).
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class DangerousAttribute : Attribute;
