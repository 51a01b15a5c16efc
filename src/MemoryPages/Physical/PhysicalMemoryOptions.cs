using System.Numerics;

namespace MemoryPages;

/// <summary>Wishes for <see cref="PhysicalMemory.Allocate"/>. <c>default</c> wishes neighbouring frames, anywhere.</summary>
public readonly record struct PhysicalMemoryOptions
{
    /// <summary>The NUMA node that must have it; null for any. It is bound before the first touch, and verified afterwards.</summary>
    public int? Node { get; init; }

    /// <summary>
    /// No byte has a physical address above this, as a device with fewer address lines needs it: <c>uint.MaxValue</c> for 32. 0 for no bound.
    /// </summary>
    public ulong MaxAddress { get; init; }

    /// <summary>
    /// No segment crosses a multiple of this: a power of two in bytes, at least a base page; 0 for no bound. Memory that is not longer lies between
    /// two multiples and is one segment; what is longer is cut into several, which are neighbours all the same.
    /// </summary>
    public ulong Boundary { get; init; }

    /// <summary>
    /// The first byte's addresses, the physical and the process's, are multiples of this: a power of two in bytes. 0, or less than a page: a page.
    /// </summary>
    public nuint Alignment { get; init; }

    /// <summary>
    /// It need not be neighbouring frames: any pages do, and <see cref="PhysicalMemory.Segments"/> lists where they are. For devices that take a
    /// list.
    /// </summary>
    public bool Scattered { get; init; }

    /// <summary>
    /// Only pages of this size: the base page or one of <see cref="MemoryPages.PageSize.Huge"/>. 0 for the smallest of which enough lie side by side.
    /// </summary>
    public nuint PageSize { get; init; }

    /// <summary>
    /// Where the pool of huge pages is short, raise it by what is missing, until this memory ends; by more for a moment, where none lie side by side.
    /// It takes the right to set the pool: see <see cref="HugePagePool"/>. Where that is missing the pool is taken as it is.
    /// </summary>
    public bool GrowPool { get; init; }

    /// <summary>
    /// What must keep it where it is, beyond what is got anyway: the strongest that this machine has. Read <see cref="PhysicalMemory.Hold"/>.
    /// </summary>
    public PhysicalHold RequiredHold { get; init; }

    /// <summary>A name for people: in errors, and in <c>/proc/PID/maps</c>.</summary>
    public string? Name { get; init; }

    /// <exception cref="ArgumentException">A wish that nothing can fulfil.</exception>
    internal void ThrowIfContradictory(nuint length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ThrowUnless(Alignment == 0 || BitOperations.IsPow2(Alignment), $"An alignment must be a power of two; {Alignment} is not.");
        ThrowUnless(
            Boundary == 0 || (BitOperations.IsPow2(Boundary) && Boundary >= MemoryPages.PageSize.Base),
            $"A boundary must be a power of two of at least a base page, {MemoryPages.PageSize.Base} bytes; {Boundary} is not.");
        ThrowUnless(
            PageSize == 0 || PageSize == MemoryPages.PageSize.Base || MemoryPages.PageSize.Huge.Contains(PageSize),
            $"This system has no pages of {PageSize} bytes: the base page has {MemoryPages.PageSize.Base}, and PageSize.Huge lists the huge ones.");
        ThrowUnless(MaxAddress == 0 || length - 1 <= MaxAddress, $"{length} bytes do not fit below the highest address, 0x{MaxAddress:x}.");
        ThrowUnless(
            MaxAddress == 0 || MaxAddress >= MemoryPages.PageSize.Base * 2,
            $"No memory lies below 0x{MaxAddress:x}: the first page of a machine is nobody's.");
        string? obstacle = Node is int node ? NumaNode.Obstacle(node) : null;
        ThrowUnless(obstacle is null, obstacle!);
    }

    private static void ThrowUnless(bool holds, string problem, string parameter = "options")
    {
        if (!holds)
        {
            throw new ArgumentException(problem, parameter);
        }
    }
}
