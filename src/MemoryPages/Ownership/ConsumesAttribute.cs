namespace MemoryPages.Ownership;

/// <summary>
/// Marks a method after which its object is spent (what was in it is in the result, which must not be ignored: MP1002), or a parameter whose argument
/// is spent afterwards. Using a spent object is reported (MP1001).
/// </summary>
/// <remarks>A method that throws has consumed nothing.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class ConsumesAttribute : Attribute
{
    /// <summary>Consumes only where the method returns true, as methods named Try… do.</summary>
    public bool WhenTrue { get; set; }
}
