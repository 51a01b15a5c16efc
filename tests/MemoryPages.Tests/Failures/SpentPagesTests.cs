#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using System.Buffers;

namespace MemoryPages.Tests.Failures;

/// <summary>Pages that were disposed, or that a transition made into others: every use throws and says which.</summary>
public sealed class SpentPagesTests
{
    public static TheoryData<string> Keys => [.. UseOfPages.All.Select(use => use.Key)];

    /// <summary>A new public member belongs into the list.</summary>
    [Fact]
    public void The_list_of_members_is_whole() =>
        Assert.Equal(PublicMembers.OfPages.Keys.Order(), UseOfPages.All.Select(use => use.Key).Concat(UseOfPages.Answering).Order());

    [Theory]
    [MemberData(nameof(Keys))]
    public void Disposed_pages_throw(string key)
    {
        ObjectDisposedException told = Assert.Throws<ObjectDisposedException>(Of(key).OnDisposed);
        Assert.StartsWith("Pages<", told.ObjectName);
        Assert.Contains("disposed", told.Message);
        Assert.DoesNotContain("became", told.Message);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Pages_that_were_handed_on_throw_and_name_what_they_became(string key)
    {
        (Action call, string became, IDisposable successor) = Of(key).OnHandedOn();
        using (successor)
        {
            ObjectDisposedException told = Assert.Throws<ObjectDisposedException>(call);
            Assert.StartsWith("Pages<", told.ObjectName);
            Assert.Contains($"became {became}", told.Message);
        }
    }

    [Fact]
    public void Disposing_again_or_after_a_transition_does_nothing()
    {
        Pages<ReadWrite> pages = Pages.Allocate(1);
        pages.Write(0, 42);
        Pages<ReadOnly> successor = pages.Protect<ReadOnly>();
        pages.Dispose();
        pages.Dispose();
        Assert.Equal(42, successor.Read<int>(0));
        successor.Dispose();
        successor.Dispose();
        Assert.False(pages.IsUsable);
        Assert.False(successor.IsUsable);
    }

    [Fact]
    public void A_view_outlives_the_dispose_and_nothing_new_begins()
    {
        Pages<ReadWrite> pages = Pages.Allocate(1);
        using WriteView view = pages.Write();
        pages.Dispose();
        view.Span[0] = 42;
        Assert.Equal(42, view.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => pages.Read<int>(0));
        Assert.Throws<ObjectDisposedException>(() => pages.Protect<ReadOnly>());
    }

    [Fact]
    public void A_memory_lease_throws_once_it_has_ended()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        IMemoryOwner<byte> lease = pages.LeaseMemory();
        Memory<byte> memory = lease.Memory;
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        Assert.Throws<ObjectDisposedException>(() => lease.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());

        ReadOnlyMemoryLease reading = pages.LeaseReadOnlyMemory();
        ReadOnlyMemory<byte> read = reading.Memory;
        reading.Dispose();
        reading.Dispose();
        Assert.Equal(0, pages.LeaseCount);
        Assert.Throws<ObjectDisposedException>(() => reading.Memory);
        Assert.Throws<ObjectDisposedException>(() => read.Span[0]);
    }

    private static UseOfPages Of(string key) => UseOfPages.All.Single(use => use.Key == key);
}
