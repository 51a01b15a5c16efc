#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested

using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>Flushes that run beside their caller.</summary>
public sealed class FlushAsyncTests : IDisposable
{
    private static readonly nuint s_page = PageSize.Base;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_caller_goes_on_while_a_lease_holds_the_pages_and_the_end_unmaps_them()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        using var file = new TempFile(4 * s_page);
        string[] launcher = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=msync", "-e", "inject=msync:delay_enter=750000"];
        ScenarioResult result = Scenario.RunUnder(launcher, "FlushSlowly", file.Path);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData(FlushLevel.Hint)]
    [InlineData(FlushLevel.ToSystem)]
    [InlineData(FlushLevel.Durable)]
    public async Task It_never_runs_on_the_callers_thread_nor_in_its_context(FlushLevel level)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 4 * s_page);
        var context = new CountingContext();
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        Task flush;
        try
        {
            flush = pages.FlushAsync(new PageRange(5, s_page), level, TestContext.Current.CancellationToken);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        await flush;
        Assert.Equal(0, context.Posts);
        Assert.Equal(0, pages.LeaseCount);
    }

    [Fact]
    public async Task What_fails_is_in_the_task_and_the_lease_has_ended()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        using var file = new TempFile(4 * s_page);
        string[] launcher = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=msync", "-e", "inject=msync:error=EIO"];
        ScenarioResult result = await Task.Run(() => Scenario.RunUnder(launcher, "FlushIntoFailure", file.Path), TestContext.Current.CancellationToken);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.Equal("FlushAsync msync EIO InputOutput 0", result.Output);
    }

    [Fact]
    public async Task Cancelled_before_it_has_begun_it_does_nothing_and_holds_nothing()
    {
        using Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 4 * s_page);
        Task flush = pages.FlushAsync(cancellationToken: new CancellationToken(canceled: true));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        Assert.True(flush.IsCanceled);
        Assert.Equal(0, pages.LeaseCount);

        for (int i = 0; i < 1000; i++)
        {
            using var cancellation = new CancellationTokenSource();
            flush = pages.FlushAsync(level: FlushLevel.Hint, cancellationToken: cancellation.Token);
            await cancellation.CancelAsync();
            await Task.WhenAny(flush);
            Assert.True(flush.IsCanceled || flush.IsCompletedSuccessfully);
            Assert.Equal(0, pages.LeaseCount);
        }
    }

    [Fact]
    public void Mistakes_are_told_at_once_and_hold_nothing()
    {
        Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 4 * s_page);
        Assert.Equal("range", Assert.Throws<ArgumentOutOfRangeException>(() => { _ = pages.FlushAsync(new PageRange(4 * s_page, 1), cancellationToken: TestContext.Current.CancellationToken); }).ParamName);
        Assert.Equal(0, pages.LeaseCount);
        pages.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = pages.FlushAsync(cancellationToken: TestContext.Current.CancellationToken); });
    }

    [Fact]
    public async Task Memory_has_nothing_to_flush()
    {
        using Pages<ReadWrite> memory = Pages.Allocate(s_page);
        await memory.FlushAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Many at once, on a file that grows, shrinks and is disposed meanwhile: each ends, whichever way, and nothing is left open or mapped.
    /// </summary>
    [Fact]
    public void Flushes_resizes_and_the_end_from_many_threads_leave_nothing_behind()
    {
        TempFolder.SkipUnlessFilesShrink();
        for (int round = 0; round < 20; round++)
        {
            Pages<ReadWrite> pages = Pages.MapShared(_folder.File, 64 * s_page, FileSpace.Sparse);
            Thread[] threads = [new(() => Repeat(FlushSomewhere)), new(() => Repeat(FlushSomewhere)), new(() => Repeat(ResizeSomehow))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.Sleep(20);
            pages.Dispose();
            Array.ForEach(threads, thread => thread.Join());

            Assert.DoesNotContain(File.ReadLines(Needed.File("/proc/self/maps")), line => line.EndsWith(_folder.File));
            Assert.DoesNotContain(new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles(), descriptor => descriptor.LinkTarget == _folder.File);

            void FlushSomewhere(int i) => pages.FlushAsync(new PageRange(0, s_page), (FlushLevel)(i % 2)).Wait();

            void ResizeSomehow(int i) => pages.Resize(((nuint)(i * 7 % 128) + 1) * s_page);
        }

        // Until the pages are disposed. That a flush is under way refuses a change, and nothing else may happen.
        static void Repeat(Action<int> act)
        {
            for (int i = 0; ; i++)
            {
                try
                {
                    act(i);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
                catch (InvalidOperationException)
                {
                }
            }
        }
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posts);
            ThreadPool.QueueUserWorkItem(_ => d(state));
        }
    }
}
