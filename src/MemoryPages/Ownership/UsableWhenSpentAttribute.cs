namespace MemoryPages.Ownership;

/// <summary>
/// Marks a member that answers on a disposed or spent object too, so that its use is not reported (MP1001). On a type: all its properties do.
/// </summary>
/// <remarks>Of a property that is a bool and is marked itself, true is taken to say that the object is not spent.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class UsableWhenSpentAttribute : Attribute;
