#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MemoryPages.Diagnostics;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>Pages that nobody disposed. Each case loses its pages in a method of its own, so that no register or slot of the test's frame holds them.</summary>
public sealed class LostPagesTests : IDisposable
{
    private readonly ConcurrentQueue<PageLeakEventArgs> _found = [];

    public LostPagesTests() => PageLeaks.Found += Remember;

    public void Dispose() => PageLeaks.Found -= Remember;

    [Fact]
    public void Pages_that_nothing_points_to_are_unmapped_and_reported()
    {
        nuint address = Lose("lost", static _ => { });
        PageLeakEventArgs leak = Find("lost");
        Assert.Equal((0L, true, 5 * Page, (string?)null), (leak.OpenLeases, leak.WasUnmapped, leak.Length, leak.AllocationStack));
        Assert.False(IsMapped(address));
    }

    [Fact]
    public void Pages_with_a_view_that_never_ended_stay_mapped()
    {
        nuint address = Lose("viewed", static pages => _ = pages.Read());
        AssertKept(Find("viewed"), address, 1);
    }

    [Fact]
    public void Pages_whose_pointer_was_taken_stay_mapped()
    {
        nuint address = Lose("pointed at", static pages => AddressOf(pages));
        AssertKept(Find("pointed at"), address, 0);
    }

    [Fact]
    public void Pages_with_a_lost_memory_lease_stay_mapped()
    {
        nuint address = Lose("leased", static pages => _ = pages.LeaseMemory());
        AssertKept(Find("leased"), address, 1);
    }

    [Fact]
    public void Pages_whose_memory_gave_a_span_stay_mapped_even_after_the_lease()
    {
        nuint address = Lose("spanned", static pages =>
        {
            using var lease = pages.LeaseMemory();
            lease.Memory.Span[0] = 1;
        });
        AssertKept(Find("spanned"), address, 0);
    }

    [Fact]
    public void Pages_that_were_handed_on_are_one_leak_and_not_two()
    {
        _ = Lose("handed on", static pages => pages.Protect<ReadOnly>().Protect<NoAccess>());
        Assert.True(Find("handed on").WasUnmapped);
        Assert.DoesNotContain(_found, leak => leak.Name == "handed on");
    }

    [Fact]
    public void Disposed_pages_are_no_leak()
    {
        _ = Lose("disposed", static pages => pages.Dispose());
        _ = Lose("after it", static _ => { });
        _ = Find("after it");
        Assert.DoesNotContain(_found, leak => leak.Name == "disposed");
    }

    [Fact]
    public void A_view_in_use_keeps_its_pages()
    {
        for (int i = 0; i < 5; i++)
        {
            string name = "in use " + i;
            UseWhileCollecting(name);
            Assert.True(Find(name).WasUnmapped); // so it was the view that had kept them
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        void UseWhileCollecting(string name)
        {
            // Nothing but the view holds on to the pages from here on.
            using WriteView view = AllocateLonely(Page, name).Write();
            Span<byte> span = view.Span;
            for (int i = 0; i < 5; i++)
            {
                Collect();
                Assert.DoesNotContain(_found, leak => leak.Name == name);
                span[i] = (byte)i; // on unmapped memory the end of the process
                Assert.Equal(i, span[i]);
            }
        }
    }

    [Fact]
    public void A_memory_in_use_keeps_its_pages()
    {
        Memory<byte> memory = Take();
        Collect();
        memory.Span.Fill(3);
        Assert.DoesNotContain(_found, leak => leak.Name == "memory in use");
        GC.KeepAlive(memory);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Memory<byte> Take() => Pages.Allocate(Page, new() { Name = "memory in use" }).LeaseMemory().Memory;
    }

    private static void AssertKept(PageLeakEventArgs leak, nuint address, int leases)
    {
        Assert.Equal((leases, false, 5 * Page), (leak.OpenLeases, leak.WasUnmapped, leak.Length));
        Assert.Equal("rw-p", AccessAt(address, 5 * Page));
        Assert.Equal(0, Kernel.Unmap((nint)address, 5 * Page));
    }

    /// <summary>
    /// On a thread that ends: neither a slot of a frame that is gone nor a register of it can hold on to the pages, nor what threads keep for use
    /// again.
    /// </summary>
    private static nuint Lose(string name, Action<Pages<ReadWrite>> use)
    {
        nuint address = 0;
        var losing = new Thread(() =>
        {
            Pages<ReadWrite> pages = AllocateLonely(5 * Page, name);
            address = QuietAddressOf(pages);
            use(pages);
        });
        losing.Start();
        losing.Join();
        return address;
    }

    private PageLeakEventArgs Find(string name)
    {
        for (int i = 0; i < 10; i++)
        {
            Collect();
            if (_found.FirstOrDefault(leak => leak.Name == name) is { } leak)
            {
                PageLeakEventArgs[] all = [.. _found];
                _found.Clear();
                Array.ForEach([.. all.Where(other => !ReferenceEquals(other, leak))], _found.Enqueue);
                return leak;
            }
        }

        throw new Xunit.Sdk.XunitException($"No leak of '{name}' was reported.");
    }

    private void Remember(object? sender, PageLeakEventArgs leak) => _found.Enqueue(leak);

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
