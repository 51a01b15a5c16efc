using System.Diagnostics;

namespace MemoryPages.Benchmarks;

/// <summary>
/// Threads that are started once and released together, each on its own processor as long as there are enough: left to itself the system sometimes
/// runs them one after the other on one, and then nothing contends.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly Thread[] _threads;
    private readonly long[] _begun;
    private readonly long[] _ended;
    private Action? _work;
    private int _arrived;

    private ThreadTeam(int threads)
    {
        _start = new Barrier(threads + 1);
        _end = new Barrier(threads + 1);
        _begun = new long[threads];
        _ended = new long[threads];
        _threads = [.. Enumerable.Range(0, threads).Select(number => new Thread(() => Work(number)) { IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    public static ThreadTeam Start(int threads) => new(threads);

    /// <summary>All of them do the work; nanoseconds from the first's beginning to the last's end.</summary>
    public double Run(Action work)
    {
        _work = work;
        _arrived = 0;
        _start.SignalAndWait();
        _end.SignalAndWait();
        return (_ended.Max() - _begun.Min()) * (1e9 / Stopwatch.Frequency);
    }

    public void Dispose()
    {
        _work = null;
        _start.SignalAndWait();
        Array.ForEach(_threads, thread => thread.Join());
        _start.Dispose();
        _end.Dispose();
    }

    private void Work(int number)
    {
        if (_threads.Length > 1)
        {
            RawSystem.RunOnProcessor(number % Environment.ProcessorCount);
        }

        while (true)
        {
            _start.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            // Waking from the barrier takes longer than many appends.
            Interlocked.Increment(ref _arrived);
            while (Volatile.Read(ref _arrived) < _threads.Length)
            {
                if (_threads.Length > Environment.ProcessorCount)
                {
                    Thread.Yield();
                }
            }

            _begun[number] = Stopwatch.GetTimestamp();
            work();
            _ended[number] = Stopwatch.GetTimestamp();
            _end.SignalAndWait();
        }
    }
}
