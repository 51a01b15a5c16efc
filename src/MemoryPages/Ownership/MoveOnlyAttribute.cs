namespace MemoryPages.Ownership;

/// <summary>
/// Marks a struct of which there must be one only, such as a view: a copy would end the same lease twice. Reported are copies (MP1004), values that
/// no <c>using</c> ends (MP1003), and structs that hold one and do not dispose it (MP1009).
/// </summary>
/// <remarks>On a type parameter: the generic code promises not to copy its values, and may be used with such structs.</remarks>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.GenericParameter)]
public sealed class MoveOnlyAttribute : Attribute;
