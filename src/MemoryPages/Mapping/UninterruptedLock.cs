namespace MemoryPages.Mapping;

/// <summary>
/// A lock for giving back: <see cref="Thread.Interrupt"/> does not throw here, where what is on its way back would be lost with the exception, but at
/// the next place where the thread waits.
/// </summary>
internal sealed class UninterruptedLock
{
    private readonly Lock _lock = new();

    /// <summary>To be left with <c>using</c>.</summary>
    public Section Enter()
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                _lock.Enter();
                return new Section(_lock, interrupted);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
    }

    internal readonly ref struct Section(Lock entered, bool interrupted) : IDisposable
    {
        public void Dispose()
        {
            entered.Exit();
            if (interrupted)
            {
                Thread.CurrentThread.Interrupt();
            }
        }
    }
}
