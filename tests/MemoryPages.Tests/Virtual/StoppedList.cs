using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

/// <summary>Stops the thread that asks for it, and no other, at one step of the list's real code.</summary>
internal readonly struct Stopping : IAppendObserver
{
    [ThreadStatic]
    private static Stop? t_stop;

    public static void At(AppendStep step) => t_stop?.At(step);

    public static void ThisThreadAt(Stop stop) => t_stop = stop;
}

/// <summary>One stop at one step: the first time that the thread comes there.</summary>
internal sealed class Stop(AppendStep step)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly TaskCompletionSource _reached = new();
    private readonly TaskCompletionSource _go = new();

    private Stop? _next;

    public void At(AppendStep reached)
    {
        if (reached == step && !_reached.Task.IsCompleted)
        {
            _reached.SetResult();
            Assert.True(_go.Task.Wait(s_patience), $"Nobody lets the thread go on at {step}.");
        }
        else
        {
            _next?.At(reached);
        }
    }

    /// <summary>Another stop for the same thread.</summary>
    public void Chain(Stop next) => _next = next;

    public void AwaitThread() => Assert.True(_reached.Task.Wait(s_patience), $"The thread does not come to {step}.");

    public void Release() => _go.SetResult();
}

/// <summary>
/// The list as <see cref="ConcurrentVirtualList{T}"/> is it, of longs, with steps that can be stopped at, and parts of an append by themselves.
/// </summary>
internal sealed unsafe class StoppedList : IDisposable
{
    private readonly nuint _elementSize;
    private AppendSlots<Stopping> _slots;

    public StoppedList(in ListOptions options, nuint elementSize = sizeof(long))
    {
        _elementSize = elementSize;
        _slots = new AppendSlots<Stopping>(elementSize, options);
        EnsureCapacity(options.InitialCapacity);
    }

    public nint Count => _slots.Count;

    public nint Capacity => _slots.Capacity;

    public nint Frontier => _slots.Frontier;

    public bool IsMapped => SystemMap.At(_slots.Address)?.Access.Contains('w') == true;

    public ref long this[nint index] => ref *(long*)(_slots.Address + ((nuint)index * _elementSize));

    public nint Claim() => _slots.Claim();

    public void Publish(nint index) => _slots.Publish(index);

    public nint Add(long value)
    {
        nint index = _slots.Claim();
        this[index] = value;
        _slots.Publish(index);
        return index;
    }

    public nint AddRange(long value, nint count)
    {
        nint index = _slots.ClaimRange(count);
        for (nint i = 0; i < count; i++)
        {
            this[index + i] = value;
        }

        _slots.Publish(index, count);
        return index;
    }

    public bool TryGet(nint index, out long value)
    {
        bool isPublished = _slots.IsPublished(index);
        value = isPublished ? this[index] : 0;
        return isPublished;
    }

    public nint EnsureCapacity(nint capacity)
    {
        _slots.Grow(capacity, ahead: false);
        return Capacity;
    }

    public void Dispose() => _slots.End();
}
