namespace MemoryPages;

/// <summary>
/// Asks that memory for values of a struct start at a multiple of this: what hardware wants of a page table, a control block, a descriptor ring.
/// </summary>
/// <remarks>
/// <see cref="Layout.Of{T}()"/> reads it, and with it boxes, boxed spans and whoever else allocates by it. It aligns the first of neighbouring values
/// only; make the struct's size a multiple of the alignment, and they all are. Variables of managed code are not aligned by it.
/// </remarks>
/// <param name="alignment">A power of two in bytes, also beyond a page. Below the natural alignment it changes nothing.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class AlignmentAttribute(int alignment) : Attribute
{
    /// <summary>Bytes.</summary>
    public int Alignment => alignment;
}
