using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

public sealed class CodeWriterTests
{
    [Fact]
    public void It_writes_from_front_to_back_and_knows_where_it_is()
    {
        byte[] room = new byte[32];
        var writer = new CodeWriter(room, 0x1000);
        writer.Write([1, 2, 3]);
        writer.WriteByte(4);
        writer.WriteValue(0x0807_0605);
        writer.WriteValue(0x1122334455667788L);
        Assert.Equal((16, (nuint)0x1010, true), (writer.Position, writer.Address, writer.Fits));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0], room[..17]);
    }

    [Fact]
    public void What_does_not_fit_is_counted_and_not_written()
    {
        byte[] room = new byte[8];
        var writer = new CodeWriter(room.AsSpan(0, 4), 0);
        writer.Write([1, 2, 3]);
        writer.Write([4, 5]);
        writer.WriteByte(6);
        Assert.Equal((6, false), (writer.Position, writer.Fits));
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], room);
    }

    [Theory]
    [InlineData(0x1000u, 0x1004u, 0)]
    [InlineData(0x1000u, 0x1000u, -4)]
    [InlineData(0x1000u, 0x8000_1003u, int.MaxValue)]
    [InlineData(0x8000_1000u, 0x1004u, int.MinValue)]
    public void A_relative_target_counts_from_behind_itself(uint at, uint target, int distance)
    {
        byte[] room = new byte[4];
        var writer = new CodeWriter(room, at);
        writer.WriteRelative32(target);
        Assert.Equal(distance, BitConverter.ToInt32(room));
    }

    [Theory]
    [InlineData(0x1000u, 0x8000_1004u)]
    [InlineData(0x8000_1000u, 0x1003u)]
    [InlineData(0u, uint.MaxValue)]
    public void A_target_out_of_reach_is_refused(uint at, uint target) => Assert.Throws<ArgumentOutOfRangeException>(() =>
    {
        var writer = new CodeWriter(new byte[4], at);
        writer.WriteRelative32(target);
    });

    [Fact]
    public void Alignment_is_filled_with_what_can_be_run_through()
    {
        RequireMachineCode();
        using var heap = new CodeHeap(new() { Mode = CodeMode.DualMapped, Alignment = 64 });
        int step = MachineCode.Return.Length; // instructions of x86-64 begin anywhere
        for (int before = 0; before < 64; before += step)
        {
            using CodeBlock block = heap.Emit(before, (ref writer, before) =>
            {
                writer.Write(MachineCode.Constant(before, before + MachineCode.Constant(0).Length).AsSpan(0, before));
                writer.Align(64);
                writer.Align(1);
                Assert.Equal(0, writer.Position % 64);
                writer.Write(MachineCode.Constant(before));
            });
            Assert.Equal(before, Call(block));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-4)]
    public void An_alignment_is_a_power_of_two(int alignment) => Assert.Throws<ArgumentOutOfRangeException>(() =>
    {
        var writer = new CodeWriter(new byte[4], 0);
        writer.Align(alignment);
    });
}
