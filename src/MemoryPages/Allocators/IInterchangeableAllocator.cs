namespace MemoryPages;

/// <summary>
/// An allocator that is a struct, whose fields are wishes for allocating and nothing else: its <c>default</c> frees, grows and shrinks what any
/// value of it gave.
/// </summary>
/// <remarks>
/// Boxes then keep nothing of it: a value of a page takes one page, and not a second one for the allocator behind it. What is allocated anew through
/// a box, for its clone, comes from the <c>default</c>.
/// </remarks>
public interface IInterchangeableAllocator : IAllocator;
