using MemoryPages.Virtual;

namespace MemoryPages.Tests.Reserved;

/// <summary>When a wait ends, and how.</summary>
public sealed class ByteQueueWaitTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ByteQueue _queue = ByteQueue.Create(PageSize.AllocationGranularity);

    [Fact]
    public async Task Data_that_is_there_is_not_waited_for()
    {
        _queue.TryEnqueue([1]);
        Task<bool> wait = Data();
        Assert.True(wait.IsCompletedSuccessfully && await wait);
        await Space(PageSize.AllocationGranularity - 1);
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("commit")]
    [InlineData("advance")]
    public async Task A_wait_for_data_ends_when_some_comes(string way)
    {
        for (int i = 0; i < 3; i++)
        {
            Task<bool> wait = Data();
            Assert.False(wait.IsCompleted);
            _queue.TryEnqueue([]);
            _queue.Commit(0);
            Assert.False(wait.IsCompleted); // nothing came
            switch (way)
            {
                case "copy":
                    _queue.TryEnqueue([1]);
                    break;
                case "commit":
                    _queue.Commit(1);
                    break;
                default:
                    _queue.Advance(1);
                    break;
            }

            Assert.True(await Patiently(wait));
            _queue.Consume(1);
        }
    }

    [Fact]
    public async Task A_wait_for_space_ends_when_there_is_enough_and_not_before()
    {
        _queue.Commit(PageSize.AllocationGranularity);
        Task wait = Space(100);
        _queue.Consume(60);
        Assert.Equal(39, _queue.TryDequeue(new byte[39]));
        Assert.False(wait.IsCompleted);
        _queue.Consume(1);
        await Patiently(wait);

        wait = Space(PageSize.AllocationGranularity);
        _queue.Consume(1);
        Assert.False(wait.IsCompleted);
        Assert.Equal((int)PageSize.AllocationGranularity - 101, _queue.TryDequeue(new byte[PageSize.AllocationGranularity]));
        await Patiently(wait);
    }

    [Fact]
    public async Task After_completion_waits_say_whether_something_is_left()
    {
        _queue.TryEnqueue([1, 2]);
        _queue.Complete();
        Assert.True(await Data());
        _queue.Consume(1);
        Assert.True(await Data());
        _queue.Consume(1);
        Assert.False(await Data());
        Assert.False(await Data());
    }

    [Fact]
    public async Task Completion_ends_a_wait()
    {
        Task<bool> wait = Data();
        Assert.False(wait.IsCompleted);
        _queue.Complete();
        Assert.False(await Patiently(wait));
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_and_the_next_one_is_as_good()
    {
        _queue.Commit(PageSize.AllocationGranularity);
        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource();
            Task wait = _queue.WaitForSpaceAsync(1, source.Token).AsTask();
            await source.CancelAsync();
            OperationCanceledException told = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patiently(wait));
            Assert.Equal(source.Token, told.CancellationToken);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _queue.WaitForSpaceAsync(1, source.Token).AsTask());
        }

        Task last = Space(1);
        _queue.Consume(1);
        await Patiently(last);
    }

    [Fact]
    public async Task Cancelling_after_the_end_of_a_wait_does_not_touch_the_next()
    {
        using var source = new CancellationTokenSource();
        Task<bool> first = _queue.WaitForDataAsync(source.Token).AsTask();
        _queue.TryEnqueue([1]);
        Assert.True(await Patiently(first));
        _queue.Consume(1);
        Task<bool> second = Data();
        await source.CancelAsync();
        Assert.False(second.IsCompleted);
        _queue.TryEnqueue([1]);
        Assert.True(await Patiently(second));
    }

    /// <summary>The other side has seen the first wait, and comes to end it when it is over and another one is under way.</summary>
    [Fact]
    public async Task A_wake_up_that_was_meant_for_an_earlier_wait_does_not_end_the_next()
    {
        var slot = new WaitSlot();
        int first = slot.Arm(1);
        Assert.True(slot.IsArmed(out int seen));
        Assert.Equal(first, seen);
        slot.End(first, true);
        Assert.True(await new ValueTask<bool>(slot, slot.Pending(CancellationToken.None)));

        int second = slot.Arm(1);
        Task<bool> wait = new ValueTask<bool>(slot, slot.Pending(CancellationToken.None)).AsTask();
        slot.End(seen, true);
        Assert.False(wait.IsCompleted);
        slot.End(second, false);
        slot.End(second, true);
        Assert.False(await Patiently(wait));
    }

    [Fact]
    public async Task Disposing_ends_waits()
    {
        Task<bool> data = Data();
        _queue.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Patiently(data));

        using var full = ByteQueue.Create(1);
        full.Commit(full.Capacity);
        Task space = full.WaitForSpaceAsync(1, TestContext.Current.CancellationToken).AsTask();
        full.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Patiently(space));
    }

    [Fact]
    public async Task A_second_wait_beside_the_first_is_refused_and_does_not_disturb_it()
    {
        _queue.Commit(PageSize.AllocationGranularity - 10);
        Task wait = Space(100);
        Assert.Throws<InvalidOperationException>(() => { _ = Space(PageSize.AllocationGranularity); });
        await Space(10); // is there: not a wait
        _queue.Consume(90);
        await Patiently(wait);
    }

    /// <summary>The rest of a program runs on the thread pool, and not inside the other side's call.</summary>
    [Fact]
    public async Task What_waits_is_not_run_by_the_thread_that_wakes_it()
    {
        int waker = 0;
        Task<int> waiting = Wait();
        var thread = new Thread(() =>
        {
            waker = Environment.CurrentManagedThreadId;
            _queue.TryEnqueue([1]);
        });
        thread.Start();
        thread.Join();
        Assert.NotEqual(waker, await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken));

        async Task<int> Wait()
        {
            await _queue.WaitForDataAsync(TestContext.Current.CancellationToken).ConfigureAwait(false);
            return Environment.CurrentManagedThreadId;
        }
    }

    private Task<bool> Data() => _queue.WaitForDataAsync(TestContext.Current.CancellationToken).AsTask();

    private Task Space(nuint count) => _queue.WaitForSpaceAsync(count, TestContext.Current.CancellationToken).AsTask();

    private static Task Patiently(Task wait) => wait.WaitAsync(s_patience, TestContext.Current.CancellationToken);

    private static Task<bool> Patiently(Task<bool> wait) => wait.WaitAsync(s_patience, TestContext.Current.CancellationToken);
}
