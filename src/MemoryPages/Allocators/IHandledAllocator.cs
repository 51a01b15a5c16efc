using System.Runtime.InteropServices;

namespace MemoryPages;

/// <summary>
/// An allocator that is a class, owns the memory that it gives, and lends its boxes one handle to itself: none of them needs one of its own.
/// </summary>
/// <remarks>
/// Boxes are unmanaged values and cannot hold an object. What they hold of a class is a <see cref="GCHandle"/>, behind their value. Making and
/// freeing one costs more than an allocation from an arena does. Without this interface each box makes one, which also keeps the allocator alive.
/// </remarks>
public interface IHandledAllocator : IAllocator
{
    /// <summary>Leads to this object. Allocated once, freed when the memory is no longer there, and not before.</summary>
    /// <remarks>
    /// A weak one leaves an allocator that was lost to the garbage collector, and to whoever reports losses; its boxes then free nothing.
    /// </remarks>
    GCHandle Handle { get; }
}
