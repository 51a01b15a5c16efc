using MemoryPages.Testing;
using MemoryPages.Tests.Reserved;
using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

/// <summary>The list's real code with a thread stopped between two of its steps, while others append, read, make it grow, and end it.</summary>
public sealed class ConcurrentStepTests
{
    private const long Stopped = 7;
    private const long Other = 2;

    [Theory]
    [InlineData(AppendStep.RoomSeen)]
    [InlineData(AppendStep.Claimed)]
    [InlineData(AppendStep.FrontierRead)]
    [InlineData(AppendStep.BitsRead)]
    [InlineData(AppendStep.FrontierMoved)]
    internal void Nobody_waits_for_an_append_that_is_stopped_and_it_ends_well(AppendStep step)
    {
        foreach (int published in (int[])[0, 1, 63, 64, 1000])
        {
            using var list = new StoppedList(new() { InitialCapacity = 5_000, MaximumCapacity = 100_000 });
            _ = published == 0 ? 0 : list.AddRange(Other, published);
            nint held = list.Claim(); // so that the stopped one is out of order, with a bit between
            nint before = list.Add(Other);
            var stop = new Stop(step);
            Worker worker = Appending(list, stop);

            nint last = AppendMany(list);
            list[held] = Other;
            list.Publish(held);
            last = Math.Max(last, AppendMany(list));
            Assert.True(list.EnsureCapacity(20_000) >= 20_000);
            last = Math.Max(last, list.AddRange(Other, 14_000) + 13_999);
            nint unpublished = step == AppendStep.RoomSeen ? -1 : before + 1;
            AssertElements(list, last, unpublished);

            stop.Release();
            nint index = (nint)worker.End();
            Assert.Equal(step == AppendStep.RoomSeen ? last + 1 : before + 1, index);
            Assert.True(list.TryGet(index, out long value));
            Assert.Equal(Stopped, value);
            last = list.Add(Other);
            Assert.Equal(last + 1, list.Frontier); // whatever was set by bit, one more append has moved over it
            Assert.Equal(last + 1, list.Count);
        }
    }

    /// <summary>It has found all bits before its slot set; then another moves the frontier.</summary>
    [Fact]
    public void An_append_whose_frontier_was_moved_away_publishes_by_bit()
    {
        using var list = new StoppedList(new() { InitialCapacity = 100, MaximumCapacity = 100_000 });
        nint held = list.Claim();
        list.Add(Other);
        list.Publish(held);
        Assert.Equal(1, list.Frontier);
        var stop = new Stop(AppendStep.BitsRead);
        Worker worker = Appending(list, stop);
        Assert.Equal(3, list.Add(Other));
        Assert.Equal(2, list.Frontier);
        stop.Release();
        Assert.Equal(2, worker.End());
        Assert.True(list.TryGet(2, out long value) && value == Stopped);
        Assert.Equal(4, list.Add(Other));
        Assert.Equal(5, list.Frontier);
    }

    [Fact]
    public void A_batch_that_lost_its_place_claims_another()
    {
        using var list = new StoppedList(new() { InitialCapacity = 5_000, MaximumCapacity = 10_000 });
        var stop = new Stop(AppendStep.RangeCovered);
        var worker = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            return list.AddRange(Stopped, 10);
        });
        stop.AwaitThread();
        nint last = AppendMany(list);
        AssertElements(list, last, unpublished: -1);
        stop.Release();
        Assert.Equal(last + 1, worker.End());
        Assert.Equal(last + 11, list.Frontier);
    }

    /// <summary>It holds the lock: who needs more memory waits, who does not goes on; and who waited has what it asked for.</summary>
    [Fact]
    public void Beside_a_growth_that_is_stopped_appends_within_capacity_go_on()
    {
        using var list = new StoppedList(new() { InitialCapacity = 2_000, MaximumCapacity = 100_000 });
        nint before = list.Capacity;
        var stop = new Stop(AppendStep.Committed);
        var growing = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            return list.EnsureCapacity(10_000);
        });
        stop.AwaitThread();
        Worker[] others = [.. Enumerable.Range(1, 3).Select(i => new Worker(() => list.EnsureCapacity(20_000 * i) - (20_000 * i)))];
        nint last = list.AddRange(Other, before - 1) + before - 2;
        last = Math.Max(last, list.Add(Other));
        Assert.Equal((before, before), (list.Capacity, list.Count));
        AssertElements(list, last, unpublished: -1);

        stop.Release();
        Assert.True(growing.End() >= 10_000);
        Assert.All(others, other => Assert.True(other.End() >= 0));
        Assert.Equal(before, list.Add(Other));
    }

    [Theory]
    [InlineData(AppendStep.Claimed)]
    [InlineData(AppendStep.FrontierRead)]
    [InlineData(AppendStep.BitsRead)]
    [InlineData(AppendStep.FrontierMoved)]
    internal void The_end_waits_for_an_append_that_is_stopped(AppendStep step)
    {
        var list = new StoppedList(new() { InitialCapacity = 100, MaximumCapacity = 100_000 });
        nint held = list.Claim();
        list.Add(Other);
        var stop = new Stop(step);
        Worker worker = Appending(list, stop);
        list.Publish(held);
        AssertEndWaits(list, stop.Release, out Worker ending);
        Assert.Equal(2, worker.End());
        ending.End();
        Assert.False(list.IsMapped);
    }

    [Theory]
    [InlineData(AppendStep.RoomSeen)]
    [InlineData(AppendStep.RangeCovered)]
    internal void The_end_does_not_wait_for_what_is_not_claimed_which_is_refused(AppendStep step)
    {
        var list = new StoppedList(new() { InitialCapacity = 100, MaximumCapacity = 100_000 });
        list.Add(Other);
        var stop = new Stop(step);
        var worker = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            return step == AppendStep.RoomSeen ? list.Add(Stopped) : list.AddRange(Stopped, 2);
        });
        stop.AwaitThread();
        list.Dispose();
        Assert.False(list.IsMapped);
        stop.Release();
        Assert.Throws<ObjectDisposedException>(() => worker.End());
        Assert.Equal((0, 0, 0), (list.Count, list.Capacity, list.Frontier));
    }

    [Fact]
    public void The_end_waits_for_a_growth_that_is_stopped()
    {
        var list = new StoppedList(new() { InitialCapacity = 100, MaximumCapacity = 100_000 });
        var stop = new Stop(AppendStep.Committed);
        var growing = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            list.EnsureCapacity(10_000);
            return 0;
        });
        stop.AwaitThread();
        AssertEndWaits(list, stop.Release, out Worker ending);
        Assert.Equal(0, growing.End() + ending.End());
        Assert.False(list.IsMapped);
        Assert.Throws<ObjectDisposedException>(() => list.EnsureCapacity(10_000));
    }

    [Fact]
    public void Beside_an_end_that_is_stopped_all_is_refused()
    {
        foreach (AppendStep step in (AppendStep[])[AppendStep.Closed, AppendStep.Settled])
        {
            var list = new StoppedList(new() { InitialCapacity = 100, MaximumCapacity = 100_000 });
            list.Add(Other);
            var stop = new Stop(step);
            var ending = new Worker(() =>
            {
                Stopping.ThisThreadAt(stop);
                list.Dispose();
                return 0;
            });
            stop.AwaitThread();
            Assert.Throws<ObjectDisposedException>(() => list.Add(Other));
            Assert.Throws<ObjectDisposedException>(() => list.AddRange(Other, 2));
            list.Dispose();
            Assert.Equal(0, list.Count);
            Assert.True(list.IsMapped);
            stop.Release();
            ending.End();
            Assert.False(list.IsMapped);
        }
    }

    /// <summary>It saw room; then all that was committed went to others. It makes the list grow, and the end waits for it from then on.</summary>
    [Fact]
    public void An_overtaken_append_grows_the_list_and_the_end_waits_until_it_has_written()
    {
        var list = new StoppedList(new() { InitialCapacity = 2_000, MaximumCapacity = 100_000 });
        var stop = new Stop(AppendStep.RoomSeen);
        using var hasMemory = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var worker = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            nint index = list.Claim();
            hasMemory.Set();
            go.Wait();
            list[index] = Stopped; // unmapped memory, if the end had not waited
            list.Publish(index);
            return index;
        });
        stop.AwaitThread();
        nint before = list.Capacity;
        list.AddRange(Other, before);
        stop.Release();
        hasMemory.Wait(TestContext.Current.CancellationToken);
        Assert.True(list.Capacity > before);
        AssertEndWaits(list, go.Set, out Worker ending);
        Assert.Equal(before, worker.End());
        ending.End();
        Assert.False(list.IsMapped);
    }

    /// <summary>It has claimed a slot without memory, and the list ends before it can grow.</summary>
    [Fact]
    public void An_overtaken_append_that_finds_the_list_ended_is_refused()
    {
        var list = new StoppedList(new() { InitialCapacity = 2_000, MaximumCapacity = 100_000 });
        var room = new Stop(AppendStep.RoomSeen);
        var claimed = new Stop(AppendStep.Claimed);
        room.Chain(claimed);
        Worker worker = Appending(list, room);
        nint before = list.Capacity;
        list.AddRange(Other, before);
        room.Release();
        claimed.AwaitThread();
        Assert.Equal(before + 1, list.Count);
        list.Dispose();
        Assert.False(list.IsMapped);
        claimed.Release();
        Assert.Throws<ObjectDisposedException>(() => worker.End());
    }

    /// <summary>
    /// The system refuses what an overtaken append needs: it throws, and its slot holds zeros as soon as somebody else finds memory.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_slot_that_was_refused_memory_is_published_as_zeros_when_there_is_some(bool growsBeforeItIsGivenUp)
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Refused system calls are made with a filter of x86-64 Linux.");
        nuint elementSize = 3 * PageSize.Base; // lengths that only this test commits
        using var list = new StoppedList(new() { InitialCapacity = 1, MaximumCapacity = 10_000, NoHugePages = true }, elementSize);
        nint before = list.Capacity;
        nuint ahead = (nuint)((2 * before) + AppendSlots<Stopping>.Slack - before) * elementSize;
        var room = new Stop(AppendStep.RoomSeen);
        var failed = new Stop(AppendStep.GrowthFailed);
        var worker = new Worker(() =>
        {
            Exception? thrown = null;
            SystemCallFailure.During(
                () =>
                {
                    Stopping.ThisThreadAt(room);
                    thrown = Record.Exception(() => { list.Add(Stopped); });
                },
                new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, elementSize),
                new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, ahead));
            Assert.IsType<MemoryPagesException>(thrown);
            return 0;
        });
        room.Chain(failed);
        room.AwaitThread();
        list.AddRange(Other, before);
        room.Release();
        failed.AwaitThread();
        Assert.Equal((before, before + 1), (list.Capacity, list.Count));
        nint next = -1;
        if (growsBeforeItIsGivenUp)
        {
            next = list.Add(Other);
            Assert.False(list.TryGet(before, out _));
            failed.Release();
            worker.End();
        }
        else
        {
            failed.Release();
            worker.End();
            Assert.False(list.TryGet(before, out _));
            next = list.Add(Other);
        }

        Assert.Equal(before + 1, next);
        Assert.True(list.TryGet(before, out long zero));
        Assert.Equal(0, zero);
        list.Add(Other);
        Assert.Equal(before + 3, list.Frontier);
    }

    [Fact]
    public void The_end_passes_over_a_slot_that_was_refused_memory()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Refused system calls are made with a filter of x86-64 Linux.");
        nuint elementSize = 3 * PageSize.Base;
        var list = new StoppedList(new() { InitialCapacity = 1, MaximumCapacity = 1_026, NoHugePages = true }, elementSize);
        nint before = list.Capacity;
        var room = new Stop(AppendStep.RoomSeen);
        var worker = new Worker(() =>
        {
            SystemCallFailure.During(
                () =>
                {
                    Stopping.ThisThreadAt(room);
                    Assert.Throws<MemoryPagesException>(() => list.Add(Stopped));
                },
                new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, elementSize));
            return 0;
        });
        room.AwaitThread();
        list.AddRange(Other, before);
        room.Release();
        worker.End();
        Assert.Equal(before + 1, list.Count);
        list.Dispose();
        Assert.False(list.IsMapped);
    }

    private static Worker Appending(StoppedList list, Stop stop)
    {
        var worker = new Worker(() =>
        {
            Stopping.ThisThreadAt(stop);
            return list.Add(Stopped);
        });
        stop.AwaitThread();
        return worker;
    }

    private static nint AppendMany(StoppedList list)
    {
        nint last = -1;
        for (int i = 0; i < 100; i++)
        {
            last = list.Add(Other);
            last = list.AddRange(Other, 5) + 4;
        }

        return last;
    }

    /// <summary>All but one can be read, as they were written.</summary>
    private static void AssertElements(StoppedList list, nint last, nint unpublished)
    {
        for (nint index = 0; index <= last; index++)
        {
            bool isThere = list.TryGet(index, out long value);
            if (isThere != (index != unpublished) || (isThere && value != Other))
            {
                Assert.Fail($"Slot {index} of {last}: {(isThere ? value : "not published")}");
            }
        }
    }

    /// <summary>The end is under way and the memory still there, until what it waits for is released.</summary>
    private static void AssertEndWaits(StoppedList list, Action release, out Worker ending)
    {
        bool hasEnded = false;
        ending = new Worker(() =>
        {
            list.Dispose();
            Volatile.Write(ref hasEnded, true);
            return 0;
        });
        while (list.Count != 0)
        {
            Thread.Yield(); // it is closed
        }

        Thread.Sleep(20);
        Assert.True(list.IsMapped && !Volatile.Read(ref hasEnded));
        release();
    }
}
