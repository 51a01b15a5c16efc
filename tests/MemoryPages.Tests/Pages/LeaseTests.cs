#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1004 // values are copied on purpose: what the run time says of copies is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Runtime.CompilerServices;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class LeaseTests
{
    [Fact]
    public void Leases_of_every_kind_are_counted_while_they_are_open()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(4 * Page);
        Assert.Equal(0, pages.LeaseCount);
        using (pages.ProtectScope<ReadOnly>(new(0, 1)))
        using (pages.Write(new(Page, 1)))
        {
            using (pages.Read(new(Page, 0)))
            using (pages.LeaseMemory(new(2 * Page, 1)))
            {
                Assert.Equal(4, pages.LeaseCount);
            }

            Assert.Equal(2, pages.LeaseCount);
        }

        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public void Verbs_that_take_no_lease_of_the_users_leave_none()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * Page);
        pages.Write(0, 1);
        _ = (pages.Read<int>(0), pages.CountResidentBytes());
        pages.CopyFrom(0, [1]);
        pages.CopyTo(0, new byte[1]);
        pages.Advise(Advice.Normal);
        pages.Prefault();
        pages.Discard();
        _ = AddressOf(pages);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Read<int>(pages.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Advise(Advice.Normal, new(0, nuint.MaxValue)));
        Assert.Equal(0, pages.LeaseCount);
        using Pages<ReadOnly> free = pages.DenyWrite();
    }

    [Fact]
    public void Pages_disposed_under_a_view_serve_it_to_its_end_and_nobody_else()
    {
        Pages<ReadWrite> pages = AllocateLonely(2 * Page);
        nuint address = AddressOf(pages);
        using (WriteView view = pages.Write())
        using (ReadView second = pages.Read(new(Page, 1)))
        {
            view[Page] = 17;
            pages.Dispose();
            Assert.False(pages.IsUsable);
            foreach (Action use in new Action[]
            {
                () => pages.Read<int>(0), () => pages.Write(0, 1), () => pages.DenyWrite(), () => pages.LeaseMemory(), () => pages.Discard(), () => _ = pages.Length,
                () => _ = pages.LeaseCount, () => pages.CopyTo(0, []), () => AddressOf(pages), () => pages.Resize(1), () => pages.ProtectScope<ReadOnly>(default),
            })
            {
                Assert.Contains("disposed", Assert.Throws<ObjectDisposedException>(use).Message);
            }

            Assert.Equal("rw-p", AccessAt(address, 2 * Page));
            Assert.Equal(17, view[Page]);
            view[Page] = 18;
            Assert.Equal(18, second[0]);
        }

        Assert.Empty(SystemMap.Between(address, address + (2 * Page)));
    }

    [Fact]
    public void It_is_the_last_lease_that_unmaps()
    {
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = QuietAddressOf(pages);
        using (pages.Read())
        {
            using (pages.Read())
            {
                pages.Dispose();
            }

            Assert.True(IsMapped(address));
        }

        Assert.False(IsMapped(address));
    }

    [Fact]
    public void Disposing_again_does_nothing_not_even_to_who_has_the_address_now()
    {
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = AddressOf(pages);
        pages.Dispose();
        Assert.False(IsMapped(address));
        using Pages<ReadWrite> next = Pages.Allocate(Page, new() { NearAddress = address });
        Assert.Equal(address, AddressOf(next));
        pages.Dispose();
        Assert.Equal("rw-p", AccessOf(next));
    }

    [Fact]
    public void Any_thread_may_dispose_and_end_the_last_lease()
    {
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = AddressOf(pages);
        var lease = pages.LeaseMemory();
        OnAnotherThread(pages.Dispose);
        Assert.True(IsMapped(address));
        lease.Memory.Span[0] = 1;
        OnAnotherThread(lease.Dispose);
        Assert.Equal("---p", SystemMap.At(address)!.Access); // given back; kept as an address, since a span of it may be about

        static void OnAnotherThread(Action action)
        {
            var thread = new Thread(() => action());
            thread.Start();
            thread.Join();
        }
    }

    [Fact]
    public void A_copy_that_ends_the_lease_a_second_time_is_found_out_and_the_count_stays_right()
    {
        Pages<ReadWrite> pages = AllocateLonely(Page);
        nuint address = AddressOf(pages);
        for (int i = 0; i < 3; i++)
        {
            Assert.Contains("copy", Assert.Throws<ObjectDisposedException>(() => EndTwice(pages)).Message);
            Assert.Equal(0, pages.LeaseCount);
        }

        pages.Write(0, 5);
        using (pages.Read())
        {
            Assert.Equal(1, pages.LeaseCount);
            Assert.Throws<InvalidOperationException>(() => pages.DenyWrite());
        }

        pages.Dispose();
        Assert.False(IsMapped(address));

        static void EndTwice(Pages<ReadWrite> pages)
        {
            using ReadView view = pages.Read();
            using ReadView copy = view;
        }
    }

    /// <summary>Run by run of what made a stranger's bytes readable once: a copy outlives the view, the pages end, somebody else gets the addresses.</summary>
    [Fact]
    public void A_copy_that_outlives_its_view_is_refused_at_its_next_use()
    {
        Pages<ReadWrite> pages = Pages.Allocate(Page);
        Assert.Throws<ObjectDisposedException>(() => UseAfterEnd(pages, copy => copy.Span.Length));
        Assert.Throws<ObjectDisposedException>(() => UseAfterEnd(pages, copy => copy[0]));
        Assert.Throws<ObjectDisposedException>(() => UseAfterEnd(pages, copy => copy.Slice(0, 1).Length));
        Assert.Throws<ObjectDisposedException>(() => UseAfterEnd(pages, copy => copy.Elements<int>().Length));
        pages.Dispose();

        static int UseAfterEnd(Pages<ReadWrite> pages, Use use)
        {
            WriteView copy;
            using (WriteView view = pages.Write())
            {
                copy = view;
            }

            using WriteView later = pages.Write(); // takes the entry that the ended view left
            return use(copy);
        }
    }

    [Fact]
    public void A_copy_that_ends_again_does_not_end_the_lease_of_another_view()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        using ReadView other = pages.Read();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            using ReadView view = pages.Read();
            using ReadView copy = view;
        });
        Assert.Equal(1, pages.LeaseCount);
    }

    private delegate int Use(WriteView view);

    [Fact]
    public void A_copy_that_ends_the_lease_of_disposed_pages_again_is_found_out_too()
    {
        Pages<ReadWrite> pages = Pages.Allocate(Page);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            using ReadView view = pages.Read();
            pages.Dispose();
            using ReadView copy = view;
        });
    }

    [Fact]
    public void Opening_and_closing_views_allocates_nothing()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        _ = Cycle(pages, 100);
        Assert.Equal(0, Cycle(pages, 10_000));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static long Cycle(Pages<ReadWrite> pages, int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                using (WriteView view = pages.Write())
                {
                    view[0]++;
                }

                using (ReadView view = pages.Read(new(1, 2)))
                {
                    _ = view[0];
                }

                pages.Write(8, pages.Read<long>(16));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
