namespace MemoryPages;

/// <summary>A region of a PCI device's registers or memory: a base address register, or its option ROM.</summary>
/// <param name="Index">Its number: 0 to 5 for a base address register, 6 for the ROM.</param>
/// <param name="Start">The physical address where the system has put it, or the first port.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct PciResource(int Index, ulong Start, ulong Length, PciResourceKind Kind)
{
    /// <summary>Whether it is memory, which can be mapped.</summary>
    public bool IsMemory => (Kind & PciResourceKind.Memory) != 0;
}

/// <summary>What a region of a PCI device is.</summary>
[Flags]
public enum PciResourceKind
{
    /// <summary>Nothing that this library knows.</summary>
    None = 0,

    /// <summary>Ports, which have instructions of their own and cannot be mapped.</summary>
    Ports = 1,

    /// <summary>Memory that can be mapped.</summary>
    Memory = 2,

    /// <summary>Reading it changes nothing, and writes may be joined.</summary>
    Prefetchable = 4,
}
