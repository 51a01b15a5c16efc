using System.Runtime.ExceptionServices;

namespace MemoryPages.Tests.Reserved;

/// <summary>A thread of a test's own, that has to come to an end.</summary>
internal sealed class Worker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _thrown;
    private long _result;

    public Worker(Func<long> code)
    {
        _thread = new Thread(() =>
        {
            try
            {
                _result = code();
            }
            catch (Exception exception)
            {
                _thrown = ExceptionDispatchInfo.Capture(exception);
            }
        }) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Its result, or what it threw.</summary>
    public long End()
    {
        Assert.True(_thread.Join(s_patience), "The thread does not end.");
        _thrown?.Throw();
        return _result;
    }
}
