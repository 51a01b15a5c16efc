#pragma warning disable MP1001 // what an ended lease answers is tested

using System.Buffers;
using System.Text.Json;
using MemoryPages.Tests.Files;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>Pages as sequences and as buffers to write.</summary>
public sealed class PagesAdapterTests
{
    [Fact]
    public void A_file_of_five_gibibytes_is_one_sequence()
    {
        long length = (5L << 30) + 7;
        using var file = TempFile.Sparse((nuint)length);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        pages.Write((1 << 30) - 1, (short)0x0D0A); // over a border of segments
        pages.Write((nuint)length - 1, (byte)9);
        using (SequenceLease lease = pages.AsSequence())
        {
            ReadOnlySequence<byte> sequence = lease.Sequence;
            Assert.Equal(length, sequence.Length);
            Assert.False(sequence.IsSingleSegment);
            Assert.Equal(9, sequence.Slice(length - 1).FirstSpan[0]);
            Assert.Equal([0x0A, 0x0D], sequence.Slice((1L << 30) - 1, 2).ToArray());
            var reader = new SequenceReader<byte>(sequence.Slice((1L << 30) - 5, 20));
            Assert.True(reader.TryReadTo(out ReadOnlySequence<byte> before, [0x0A, 0x0D]));
            Assert.Equal(4, before.Length);
            Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        }

        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void A_sequence_that_memory_runs_out_for_leaves_no_lease()
    {
        Needed.Linux("memory that is not promised");
        ScenarioResult result = Scenario.RunWith(new() { ["DOTNET_GCHeapHardLimit"] = "0x2000000" }, [], "SequenceRunsOutOfMemory");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("refused 0", result.Output);
    }

    [Fact]
    public void A_sequence_is_the_range_and_ends_with_its_lease()
    {
        using Pages<ReadOnly> pages = Pages.Allocate(2 * Page).DenyWrite();
        SequenceLease lease = pages.AsSequence(new(5, Page));
        ReadOnlySequence<byte> sequence = lease.Sequence;
        Assert.True(sequence.IsSingleSegment);
        Assert.Equal((long)Page, sequence.Length);
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        Assert.Throws<ObjectDisposedException>(() => lease.Sequence);
        Assert.Throws<ObjectDisposedException>(() => sequence.FirstSpan.Length);
        using SequenceLease empty = pages.AsSequence(new(2 * Page, 0));
        Assert.True(empty.Sequence.IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.AsSequence(new(1, 2 * Page)));
        Assert.Equal(2, pages.LeaseCount);
    }

    [Fact]
    public void Serializers_write_into_pages()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        using PagesWriter writer = pages.AsBufferWriter(new(10, Page - 10));
        using (var json = new Utf8JsonWriter(writer))
        {
            json.WriteStartArray();
            json.WriteNumberValue(12);
            json.WriteEndArray();
        }

        Assert.Equal((4u, Page - 14, Page - 10), (writer.WrittenBytes, writer.FreeBytes, writer.Capacity));
        using ReadView view = pages.Read(new(9, 6));
        Assert.Equal("\0[12]\0"u8.ToArray(), view.Span.ToArray());
    }

    [Fact]
    public void What_has_no_room_is_refused_and_what_was_not_given_cannot_be_counted()
    {
        using Pages<ReadWrite> pages = AllocateLonely(Page);
        PagesWriter writer = pages.AsBufferWriter();
        Assert.Equal((int)Page, writer.GetSpan().Length);
        writer.GetSpan(3).Fill(1);
        writer.Advance(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance((int)Page - 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetMemory(-1));
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory((int)Page - 2));
        Memory<byte> rest = writer.GetMemory((int)Page - 3);
        rest.Span.Fill(2);
        writer.Advance(rest.Length);
        Assert.Throws<InvalidOperationException>(() => writer.GetSpan().Length);
        Assert.Equal(0u, writer.FreeBytes);
        writer.Advance(0);
        writer.Dispose();
        writer.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        Assert.Throws<ObjectDisposedException>(() => writer.GetSpan().Length);
        Assert.Throws<ObjectDisposedException>(() => writer.Advance(0));
        Assert.Throws<ObjectDisposedException>(() => rest.Span.Length);
        Assert.Equal((1, 2, 2), (pages.Read<byte>(2), pages.Read<byte>(3), pages.Read<byte>(Page - 1)));
    }

    [Fact]
    public void A_writer_goes_on_beyond_what_a_span_can_be()
    {
        long length = 5L << 30;
        using var file = TempFile.Sparse((nuint)length);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        using PagesWriter writer = pages.AsBufferWriter();
        for (byte i = 1; writer.FreeBytes != 0; i++)
        {
            Span<byte> span = writer.GetSpan();
            span[^1] = i;
            writer.Advance(span.Length);
        }

        Assert.Equal((nuint)length, writer.WrittenBytes);
        Assert.Equal((1, 2, 3), (pages.Read<byte>(int.MaxValue - 1), pages.Read<byte>((2 * (nuint)int.MaxValue) - 1), pages.Read<byte>((nuint)length - 1)));
    }
}
