using System.Collections.Concurrent;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>Two threads and more at the same pages at once: one gets them.</summary>
public sealed class ConcurrencyTests
{
    private const int Users = 3;

    [Fact]
    public void Disposing_beside_a_transition_ends_the_pages_once_and_for_all()
    {
        for (int round = 0; round < 150; round++)
        {
            Pages<ReadWrite> pages = AllocateLonely(Page);
            nuint address = AddressOf(pages);
            var changed = new ConcurrentQueue<Pages<ReadOnly>>();
            InParallel(
            [
                pages.Dispose,
                () =>
                {
                    try
                    {
                        changed.Enqueue(pages.DenyWrite());
                    }
                    catch (ObjectDisposedException)
                    {
                        // the other was first
                    }
                },
            ]);
            Assert.False(pages.IsUsable);
            if (changed.TryDequeue(out Pages<ReadOnly>? successor))
            {
                Assert.Equal("r--p", AccessOf(successor)); // the disposed handle was spent already: the pages are another's
                successor.Dispose();
            }

            Assert.False(IsMapped(address));
        }
    }

    [Fact]
    public void Who_waited_for_a_transition_does_not_write_to_what_it_sealed()
    {
        ScenarioResult result = Scenario.Run("WriterBesideTransitions");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public void Of_many_threads_that_dispose_one_unmaps()
    {
        Needed.Call("mmap");
        for (int round = 0; round < 200; round++)
        {
            Pages<ReadWrite> pages = AllocateLonely(Page);
            nuint place = AddressOf(pages);
            int first = 0;
            InParallel([.. Enumerable.Repeat(
                () =>
                {
                    pages.Dispose();
                    if (Interlocked.Increment(ref first) == 1)
                    {
                        // A stranger takes the addresses as soon as they are free: a second unmapping would take them from it.
                        SpinWait.SpinUntil(() => !IsMapped(place));
                        _ = Kernel.Map((nint)place, Page, Kernel.ReadBit, Kernel.PrivateAnonymous, -1, 0);
                    }
                }, 4)]);
            Assert.False(pages.IsUsable);
            Assert.True(IsMapped(place));
            _ = Kernel.Unmap((nint)place, Page);
        }
    }

    [Fact]
    public void Of_many_transitions_at_once_one_gets_the_pages()
    {
        for (int round = 0; round < 200; round++)
        {
            Pages<ReadWrite> pages = Pages.Allocate(Page);
            var won = new ConcurrentQueue<IDisposable>();
            InParallel([() => Try(() => pages.DenyWrite()), () => Try(() => pages.DenyRead()), () => Try(() => pages.Protect<NoAccess>())]);
            Assert.Single(won).Dispose();

            void Try(Func<IDisposable> transition)
            {
                try
                {
                    won.Enqueue(transition());
                }
                catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
                {
                    // lost the race, before or during
                }
            }
        }
    }

    [Fact]
    public void Scopes_on_different_parts_come_and_go_beside_views_of_others()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Users * Page);
        var wrong = new ConcurrentQueue<Exception>();
        InParallel([.. Enumerable.Range(0, Users).Select<int, Action>(part => () =>
        {
            var range = new PageRange((nuint)part * Page, Page);
            for (int i = 0; i < 1500; i++)
            {
                try
                {
                    if (i % 2 == 0)
                    {
                        using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(range);
                    }
                    else
                    {
                        using WriteView view = pages.Write(range); // would die here on a page that is still read-only
                        view.Span.Fill((byte)i);
                    }
                }
                catch (InvalidOperationException)
                {
                    // a view was open
                }
                catch (Exception e)
                {
                    wrong.Enqueue(e);
                }
            }
        })]);
        Assert.Empty(wrong);
        Assert.Equal(0, pages.LeaseCount);
        Assert.Equal("rw-p", AccessOf(pages));
        using Pages<ReadOnly> after = pages.DenyWrite();
    }

    /// <summary>Each on a thread of its own, all let go at once.</summary>
    internal static void InParallel(Action[] actions)
    {
        using var start = new Barrier(actions.Length);
        Thread[] threads = [.. actions.Select(action => new Thread(() =>
        {
            start.SignalAndWait();
            action();
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
    }
}
