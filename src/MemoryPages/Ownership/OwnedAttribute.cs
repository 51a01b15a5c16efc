namespace MemoryPages.Ownership;

/// <summary>Marks a result, or an <c>out</c> parameter, that belongs to the caller, who disposes it.</summary>
/// <remarks>
/// It goes without saying for constructors of an <see cref="OwnerAttribute">owner</see>, for static methods of the assembly that declares it, and for
/// methods that <see cref="ConsumesAttribute">consume</see>. Say it of other factories, and where the type does not tell, such as an interface.
/// </remarks>
[AttributeUsage(AttributeTargets.ReturnValue | AttributeTargets.Parameter)]
public sealed class OwnedAttribute : Attribute;
