namespace MemoryPages.Mapping;

/// <summary>
/// Waits for others that need a few instructions, or a call of the system: by spinning, then by yielding the processor. Unlike <see cref="SpinWait"/>
/// it never sleeps, not even for no time: sleeping is where <see cref="Thread.Interrupt"/> throws, and what is on its way back would be lost.
/// </summary>
internal struct Backoff
{
    private const int MostSpins = 10;
    private int _waits;

    public void Wait()
    {
        if (_waits < MostSpins && Environment.ProcessorCount != 1)
        {
            Thread.SpinWait(4 << Math.Min(_waits, 5));
            _waits++;
        }
        else
        {
            _ = Thread.Yield();
        }
    }
}
