#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested

using System.Buffers;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class MemoryLeaseTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_are_read_into_pages_and_written_out_of_them_asynchronously()
    {
        byte[] content = Pattern((int)(3 * Page) + 5);
        string source = Path.GetTempFileName();
        string target = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(source, content, Stop);
            Pages<ReadWrite> pages = Pages.Allocate((nuint)content.Length + Page);
            using (IMemoryOwner<byte> lease = pages.LeaseMemory(new(Page - 3, (nuint)content.Length)))
            {
                using var file = File.OpenHandle(source, options: FileOptions.Asynchronous);
                Assert.Equal(content.Length, await RandomAccess.ReadAsync(file, lease.Memory, 0, Stop));
                Assert.Equal(content.Length, await RandomAccess.ReadAsync(file, [lease.Memory[..9], lease.Memory[9..]], 0, Stop)); // pins
            }

            Assert.Equal(content, Content(AddressOf(pages) + Page - 3, content.Length));
            using Pages<ReadOnly> data = pages.DenyWrite(); // no pin of the file's is left
            using (ReadOnlyMemoryLease lease = data.LeaseReadOnlyMemory(new(Page - 3, (nuint)content.Length)))
            await using (var file = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                await file.WriteAsync(lease.Memory, Stop);
            }

            Assert.Equal(content, await File.ReadAllBytesAsync(target, Stop));
            Assert.Equal(0, data.LeaseCount);
        }
        finally
        {
            File.Delete(source);
            File.Delete(target);
        }
    }

    [Fact]
    public void A_memory_is_the_range_and_no_more()
    {
        using Pages<ReadWrite> pages = AllocateLonely(2 * Page);
        using IMemoryOwner<byte> lease = pages.LeaseMemory(new(7, 10));
        Assert.Equal(10, lease.Memory.Length);
        lease.Memory.Span.Fill(1);
        lease.Memory[2..4].Span.Fill(2);
        Assert.Equal([0, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 0], Content(AddressOf(pages) + 6, 12));
        using ReadOnlyMemoryLease read = pages.LeaseReadOnlyMemory();
        Assert.Equal((int)pages.Length, read.Memory.Length);
        using ReadOnlyMemoryLease none = pages.LeaseReadOnlyMemory(new(pages.Length, 0));
        Assert.True(none.Memory.IsEmpty);
    }

    [Fact]
    public void After_the_end_of_the_lease_its_memories_refuse_to_be_used()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        IMemoryOwner<byte> lease = pages.LeaseMemory();
        ReadOnlyMemoryLease read = pages.LeaseReadOnlyMemory();
        Memory<byte> memory = lease.Memory[1..];
        ReadOnlyMemory<byte> readMemory = read.Memory;
        lease.Dispose();
        lease.Dispose();
        read.Dispose();
        read.Dispose();
        Assert.Equal(0, pages.LeaseCount); // each lease ended once
        foreach (Action use in new Action[]
        {
            () => _ = memory.Span.Length, () => memory.Pin(), () => _ = readMemory.Span.Length, () => _ = lease.Memory, () => _ = read.Memory,
        })
        {
            Assert.Throws<ObjectDisposedException>(use);
        }
    }

    [Fact]
    public void A_pin_is_a_lease_of_its_own()
    {
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = QuietAddressOf(pages);
        IMemoryOwner<byte> lease = pages.LeaseMemory();
        MemoryHandle one = lease.Memory.Pin();
        MemoryHandle two = lease.Memory[5..].Pin();
        Assert.Equal(3, pages.LeaseCount);
        Assert.Equal((address, address + 5), (Pointer(one), Pointer(two)));

        lease.Dispose();
        two.Dispose();
        two.Dispose(); // a handle forgets: its second end is none
        Assert.Equal(1, pages.LeaseCount);
        Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        pages.Dispose();
        Assert.Equal("rw-p", AccessAt(address, Page));
        one.Dispose();
        Assert.Equal("---p", AccessAt(address, Page)); // given back; spans may be about, so the address stays taken

        static unsafe nuint Pointer(MemoryHandle handle) => (nuint)handle.Pointer;
    }

    [Fact]
    public void Unpinning_what_is_not_pinned_is_refused_and_takes_no_lease_away()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        using IMemoryOwner<byte> lease = pages.LeaseMemory();
        var manager = (MemoryManager<byte>)lease;
        Assert.Throws<InvalidOperationException>(manager.Unpin);
        Assert.Equal(1, pages.LeaseCount);
        using (manager.Pin((int)Page))
        {
            Assert.Equal(2, pages.LeaseCount);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => manager.Pin((int)Page + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => manager.Pin(-1));
        Assert.Equal(1, pages.LeaseCount);
    }

    [Fact]
    public void A_lease_that_is_open_when_its_pages_are_disposed_works_to_its_end()
    {
        Pages<ReadWrite> pages = Pages.Allocate(Page);
        using IMemoryOwner<byte> lease = pages.LeaseMemory();
        pages.Dispose();
        lease.Memory.Span[0] = 5;
        using MemoryHandle pin = lease.Memory.Pin(); // file I/O of several buffers does that: not a new use of the pages, but of the lease
        unsafe
        {
            Assert.Equal(5, *(byte*)pin.Pointer);
        }
    }

    [Fact]
    public void A_span_kept_past_the_end_of_lease_and_pages_is_a_fault_and_never_a_strangers_bytes()
    {
        ScenarioResult result = Scenario.Run("StaleSpanOfAMemoryLease");
        Assert.True(result.DiedOfBadAccess, result.ToString());
        Assert.Contains("touching", result.Output);
        Assert.DoesNotContain("survived", result.Output);
    }
}
