using System.Buffers.Binary;
using MemoryPages.Tests.Files;

namespace MemoryPages.Tests.Physical;

/// <summary>Registers over a file, which keeps what is written: widths, bounds, leases.</summary>
public sealed class DeviceRegistersTests
{
    private const int Length = 256;

    [Fact]
    public void Each_width_reads_its_own_bytes_in_the_order_of_PCI()
    {
        using TempFile file = Counting();
        using DeviceRegisters registers = DeviceRegisters.Map(file.Path);
        using RegisterView view = registers.Access();
        Assert.Equal(0x18, view.Read8(0x18));
        Assert.Equal(0x1918, view.Read16(0x18));
        Assert.Equal(0x1b1a1918u, view.Read32(0x18));
        Assert.Equal(0x1f1e1d1c1b1a1918ul, view.Read64(0x18));
        Assert.Equal((0x19, 0x1b1a, 0x1f1e1d1cu, 0x2726252423222120ul), (registers.Read8(0x19), registers.Read16(0x1a), registers.Read32(0x1c), registers.Read64(0x20)));
        Assert.Equal(0xff, view.Read8(Length - 1));
        Assert.Equal(0xfffefdfcfbfaf9f8ul, view.Read64(Length - 8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Each_width_writes_its_own_bytes_and_no_others(int width)
    {
        foreach (bool throughView in new[] { false, true })
        {
            using TempFile file = Counting();
            using DeviceRegisters registers = DeviceRegisters.Map(file.Path);
            const ulong Value = 0xa1b2c3d4e5f60718;
            if (throughView)
            {
                using RegisterView view = registers.Access();
                switch (width)
                {
                    case 1: view.Write8(0x40, unchecked((byte)Value)); break;
                    case 2: view.Write16(0x40, unchecked((ushort)Value)); break;
                    case 4: view.Write32(0x40, unchecked((uint)Value)); break;
                    default: view.Write64(0x40, Value); break;
                }
            }
            else
            {
                switch (width)
                {
                    case 1: registers.Write8(0x40, unchecked((byte)Value)); break;
                    case 2: registers.Write16(0x40, unchecked((ushort)Value)); break;
                    case 4: registers.Write32(0x40, unchecked((uint)Value)); break;
                    default: registers.Write64(0x40, Value); break;
                }
            }

            byte[] expected = [.. Enumerable.Range(0, Length).Select(i => (byte)i)];
            byte[] value = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(value, Value);
            value.AsSpan(0, width).CopyTo(expected.AsSpan(0x40));
            Assert.Equal(expected, file.Content);
        }
    }

    [Fact]
    public void What_is_not_whole_within_them_is_refused()
    {
        using TempFile file = Counting();
        using DeviceRegisters registers = DeviceRegisters.Map(file.Path);
        foreach (nuint offset in new nuint[] { Length, Length - 1 + 8, nuint.MaxValue, nuint.MaxValue - 7 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => registers.Read8(offset));
            Assert.Throws<ArgumentOutOfRangeException>(() => registers.Read64(offset & ~7u));
            Assert.Throws<ArgumentOutOfRangeException>(() => registers.Write32(offset & ~3u, 1));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => registers.Read16(Length - 1)); // half of it is
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.Write64(Length - 4, 1));
        Assert.Equal(Length, file.Content.Length);
        Assert.Equal(Enumerable.Range(0, Length).Select(i => (byte)i), file.Content);
    }

    [Fact]
    public void What_is_not_aligned_is_refused()
    {
        using TempFile file = Counting();
        using DeviceRegisters registers = DeviceRegisters.Map(file.Path);
        for (nuint offset = 23; offset >= 16; offset--)
        {
            Assert.Equal((byte)offset, registers.Read8(offset));
            AssertRefusedUnless(offset % 2 == 0, () => registers.Read16(offset), () => registers.Write16(offset, 0));
            AssertRefusedUnless(offset % 4 == 0, () => registers.Read32(offset), () => registers.Write32(offset, 0));
            AssertRefusedUnless(offset % 8 == 0, () => registers.Read64(offset), () => registers.Write64(offset, 0));
        }

        static void AssertRefusedUnless(bool isAligned, params Action[] accesses)
        {
            foreach (Action access in accesses)
            {
                Exception? refused = Record.Exception(access);
                Assert.Equal(isAligned, refused is null);
                Assert.True(isAligned || (refused is ArgumentException && refused.Message.Contains("multiple of the width")));
            }
        }
    }

    [Fact]
    public void A_part_of_a_file_begins_where_it_was_asked_to()
    {
        using TempFile file = Counting();
        using DeviceRegisters registers = DeviceRegisters.Map(file.Path, new PageRange(0x30, 0x10));
        Assert.Equal(0x10u, registers.Length);
        Assert.Equal(0x33323130u, registers.Read32(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.Read32(0x10));
    }

    [Fact]
    public void Disposed_registers_are_refused_and_a_view_holds_them_to_its_end()
    {
        using TempFile file = Counting();
        DeviceRegisters registers = DeviceRegisters.Map(file.Path);
        int before = Mappings();
        Assert.Equal(1, before);
        using (RegisterView view = registers.Access())
        {
            Assert.Equal(1, registers.LeaseCount);
            End(registers);
            Assert.Equal(0x3, view.Read8(3));
            view.Write8(3, 0x77);
            Assert.Equal(1, Mappings());
        }

        Assert.Equal(0, Mappings());
        Assert.Equal(0x77, file.Content[3]);
        Assert.Throws<ObjectDisposedException>(() => Use(registers));
        End(registers);

        int Mappings() => File.ReadLines(Needed.File("/proc/self/maps")).Count(line => line.EndsWith(file.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_that_hold_no_registers_are_refused_by_name()
    {
        Assert.Throws<FileNotFoundException>(() => DeviceRegisters.Map(Needed.File("/sys/bus/pci/devices/none")));
        Assert.Throws<DirectoryNotFoundException>(() => DeviceRegisters.Map(Needed.File("/sys/bus/pci/none/resource0")));
        Assert.Throws<ArgumentException>(() => DeviceRegisters.Map("/dev/null"));
        using TempFile file = Counting();
        Assert.Throws<ArgumentOutOfRangeException>(() => DeviceRegisters.Map(file.Path, new PageRange(0, Length + 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeviceRegisters.Map(file.Path, default(PageRange)));
        var refused = Assert.Throws<MemoryPagesException>(() => DeviceRegisters.Map("/dev/null", new PageRange(0, 8)));
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
    }

    private static TempFile Counting()
    {
        var file = new TempFile(0);
        File.WriteAllBytes(file.Path, [.. Enumerable.Range(0, Length).Select(i => (byte)i)]);
        return file;
    }

    // What the analyzer would report, rightly.
    private static void End(object registers) => ((DeviceRegisters)registers).Dispose();

    private static void Use(object registers) => ((DeviceRegisters)registers).Read8(0);
}
