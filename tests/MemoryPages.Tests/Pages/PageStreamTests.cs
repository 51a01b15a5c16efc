using MemoryPages.Tests.Files;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class PageStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_stands_in_the_pages_and_reads_back_by_every_way_there_is()
    {
        byte[] content = Pattern((3 * (int)Page) + 5);
        using Pages<ReadWrite> pages = Pages.Allocate(4 * Page);
        await using (Stream stream = pages.AsStream(new(3, (nuint)content.Length)))
        {
            Assert.Equal((true, true, true), (stream.CanRead, stream.CanWrite, stream.CanSeek));
            Assert.Equal((content.Length, 0), (stream.Length, stream.Position));
            WriteSynchronously(stream, content);
            await stream.WriteAsync(content.AsMemory(8, 100), Stop);
            await stream.WriteAsync(content.AsMemory(108), Stop);
            Assert.Equal(stream.Length, stream.Position);
            await stream.FlushAsync(Stop);
            Assert.Equal(1, pages.LeaseCount);
        }

        Assert.Equal(0, pages.LeaseCount);
        using (ReadView view = pages.Read())
        {
            Assert.Equal(content, view.Slice(3, content.Length).ToArray());
            Assert.Equal(0, view[2]);
            Assert.Equal(0, view[3 + (nuint)content.Length]);
        }

        using Pages<ReadOnly> sealed_ = pages.DenyWrite();
        await using Stream read = sealed_.AsStream(new(3, (nuint)content.Length));
        var copy = new MemoryStream();
        await read.CopyToAsync(copy, Stop);
        Assert.Equal(content, copy.ToArray());
        Assert.Equal(0, await read.ReadAsync(new byte[1], Stop));
        Assert.Equal(-1, read.ReadByte());
        read.Position = 5;
        Assert.Equal(content[5], read.ReadByte());
        copy.SetLength(0);
        Copy(read, copy);
        Assert.Equal(content[6..], copy.ToArray());
        Assert.Equal(content.Length - 2, read.Seek(-2, SeekOrigin.End));
        Assert.Equal(content.Length - 1, read.Seek(1, SeekOrigin.Current));
        Assert.Equal(1, await read.ReadAsync(new byte[50].AsMemory(), Stop));
        Assert.Equal(1, sealed_.LeaseCount);
    }

    [Fact]
    public void Pages_that_cannot_be_written_give_a_stream_that_cannot()
    {
        using Pages<ReadOnly> pages = Pages.Allocate<ReadOnly>(Page);
        using Stream stream = pages.AsStream();
        Assert.False(stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_nothing_of_it_written()
    {
        using Pages<ReadWrite> pages = AllocateLonely(2 * Page);
        using Stream stream = pages.AsStream(new(0, Page));
        stream.Position = (long)Page - 3;
        Assert.Throws<IOException>(() => stream.Write(new byte[] { 1, 2, 3, 4 }));
        Assert.Equal((long)Page - 3, stream.Position);
        Assert.Equal(0, pages.Read<int>(Page - 3));
        foreach (long position in (long[])[(long)Page + 1, long.MaxValue])
        {
            stream.Position = position;
            Assert.Equal(0, stream.Read(new byte[9]));
            Assert.Throws<IOException>(() => stream.WriteByte(1));
            stream.Write([]);
        }

        Assert.Throws<IOException>(() => stream.Seek(1, SeekOrigin.Current));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<ArgumentException>(() => stream.Seek(0, (SeekOrigin)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.AsStream(new(0, (2 * Page) + 1)));
        Assert.Equal(1, pages.LeaseCount);
    }

    [Fact]
    public async Task After_the_end_it_refuses_and_while_open_it_holds_off_changes()
    {
        Pages<ReadWrite> pages = Pages.Allocate(Page);
        Stream stream = pages.AsStream();
        Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        pages.Dispose();
        stream.WriteByte(5);
        stream.Position = 0;
        Assert.Equal(5, stream.ReadByte());
        await stream.DisposeAsync();
        await stream.DisposeAsync();
        Assert.Equal((false, false, false), (stream.CanRead, stream.CanWrite, stream.CanSeek));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadExactlyAsync(new byte[1], Stop));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.WriteAsync(new byte[1], Stop));
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
        Assert.Throws<ObjectDisposedException>(() => stream.Read([]));
        Assert.Throws<ObjectDisposedException>(() => Copy(stream, Stream.Null));
    }

    [Fact]
    public async Task A_file_of_five_gibibytes_is_read_and_written_at_its_end()
    {
        long length = 5L << 30;
        using var file = TempFile.Sparse((nuint)length);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        await using Stream stream = pages.AsStream();
        Assert.Equal(length, stream.Length);
        stream.Position = length - 4;
        await stream.WriteAsync(new byte[] { 1, 2, 3, 4 }, Stop);
        Assert.Equal(length, stream.Position);
        Assert.Equal(0x04030201, pages.Read<int>((nuint)length - 4));
        stream.Seek(-2, SeekOrigin.End);
        using var reader = new BinaryReader(stream);
        Assert.Equal(0x0403, reader.ReadInt16());
    }

    /// <summary>A thread that ends the stream while another copies through it: the copy goes on or is refused, and never reads what is gone.</summary>
    [Fact]
    public async Task Ending_it_while_another_thread_copies_harms_no_memory()
    {
        for (int i = 0; i < 200; i++)
        {
            Pages<ReadWrite> pages = Pages.Allocate(64 * Page);
            Stream stream = pages.AsStream();
            Task copying = Task.Run(
                () =>
                {
                    var buffer = new byte[64 * (int)Page];
                    try
                    {
                        while (true)
                        {
                            stream.Position = 0;
                            _ = stream.Read(buffer);
                            stream.Position = 0;
                            stream.Write(buffer);
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                },
                Stop);
            await Task.Yield();
            pages.Dispose();
            await stream.DisposeAsync();
            await copying;
        }
    }

    private static void WriteSynchronously(Stream stream, byte[] content)
    {
        stream.Write(content, 0, 5);
        stream.Write(content.AsSpan(5, 2));
        stream.WriteByte(content[7]);
    }

    private static void Copy(Stream from, Stream to) => from.CopyTo(to);
}
