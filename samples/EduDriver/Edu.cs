using MemoryPages;

namespace EduDriver;

/// <summary>A driver for QEMU's edu device (1234:11e8), which inverts, multiplies, and copies by DMA: docs/specs/edu.rst of QEMU.</summary>
internal sealed class Edu : IDisposable
{
    public const ushort VendorId = 0x1234;
    public const ushort DeviceId = 0x11e8;

    // Registers, and their bits. Those below 0x80 take 32 bits, the others 32 or 64.
    private const nuint Identification = 0x00;
    private const nuint Liveness = 0x04;
    private const nuint FactorialOf = 0x08;
    private const nuint Status = 0x20;
    private const uint Computing = 1;

    private readonly DeviceRegisters _registers;

    /// <param name="registers">The device's region 0: this object's own from here on.</param>
    public Edu(DeviceRegisters registers) => _registers = registers;

    /// <summary>What copies.</summary>
    public EduDma Dma => new(_registers);

    /// <summary>Its identification: version 1.0 of edu says 0x010000ed.</summary>
    public uint Id => _registers.Read32(Identification);

    /// <summary>Whether it works at all: it answers with every bit inverted.</summary>
    public bool IsAlive(uint probe)
    {
        _registers.Write32(Liveness, probe);
        return _registers.Read32(Liveness) == ~probe;
    }

    /// <summary>n! modulo 2^32, computed by the device.</summary>
    public uint Factorial(uint n)
    {
        using RegisterView registers = _registers.Access();
        registers.Write32(FactorialOf, n);
        while ((registers.Read32(Status) & Computing) != 0)
        {
            Thread.Yield();
        }

        return registers.Read32(FactorialOf);
    }

    public void Dispose() => _registers.Dispose();
}
