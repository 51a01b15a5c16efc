using MemoryPages;

namespace EduDriver;

/// <summary>edu's DMA: it copies between memory and a buffer of its own, at addresses that it is given.</summary>
/// <remarks>One copy at a time, and at most a byte less than its buffer: the device's model checks its bounds that strictly. 64-bit registers are written at once: half of one replaces the whole.</remarks>
internal sealed class EduDma
{
    // Registers, and the bits of the last one.
    private const nuint Source = 0x80;
    private const nuint Destination = 0x88;
    private const nuint Count = 0x90;
    private const nuint Command = 0x98;
    private const ulong Start = 1;
    private const ulong ToMemory = 2;

    /// <summary>Where the device has its own buffer, in its own addresses.</summary>
    private const ulong Buffer = 0x40000;

    private readonly DeviceRegisters _registers;

    public EduDma(DeviceRegisters registers) => _registers = registers;

    /// <summary>The most bytes that one copy takes.</summary>
    public static int MostBytes => (4 << 10) - 1;

    /// <summary>Has the device read memory into its buffer.</summary>
    public void Read(IoAddress from, int count) => Copy(from.Value, Buffer, count, Start);

    /// <summary>Has the device write its buffer to memory.</summary>
    public void Write(IoAddress to, int count) => Copy(Buffer, to.Value, count, Start | ToMemory);

    /// <summary>Returns when the device says that it is done, which it says of copies that an IOMMU dropped too.</summary>
    private void Copy(ulong from, ulong to, int count, ulong command)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostBytes);
        using RegisterView registers = _registers.Access();
        registers.Write64(Source, from);
        registers.Write64(Destination, to);
        registers.Write64(Count, (ulong)count);
        registers.Write64(Command, command);
        long started = Environment.TickCount64;
        while ((registers.Read64(Command) & Start) != 0)
        {
            if (Environment.TickCount64 - started > 5000)
            {
                throw new TimeoutException("The device has not finished a copy within five seconds.");
            }

            Thread.Sleep(1); // a copy takes a tenth of a second
        }
    }
}
