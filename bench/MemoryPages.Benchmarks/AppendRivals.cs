using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Benchmarks;

/// <summary>Something that many threads append words to, made for one measurement.</summary>
internal interface IAppendTarget : IDisposable
{
    /// <summary>What one thread does.</summary>
    void Append(int count);
}

/// <summary>This library's list.</summary>
internal sealed unsafe class ConcurrentListTarget : IAppendTarget
{
    private readonly ConcurrentVirtualList<ulong> _list;

    /// <param name="capacity">Elements that will be appended.</param>
    /// <param name="isPresent">Whether their memory is there before the measurement.</param>
    public ConcurrentListTarget(int capacity, bool isPresent)
    {
        // 4 KiB pages, as the rivals have them.
        nint initial = isPresent ? capacity + 1 : 0;
        _list = new ConcurrentVirtualList<ulong>(new() { MaximumCapacity = 1 << 25, NoHugePages = true, InitialCapacity = initial });
        if (isPresent)
        {
            _list.Add(0);
            fixed (ulong* first = &_list[0])
            {
                Touch.EachPage(new Span<byte>(first + 1, capacity * sizeof(ulong)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(int count)
    {
        ConcurrentVirtualList<ulong> list = _list;
        for (int i = 0; i < count; i++)
        {
            list.Add((ulong)i);
        }
    }

    public void AppendBatches(int count)
    {
        const int Batch = 1024;
        Span<ulong> batch = stackalloc ulong[Batch];
        for (int i = 0; i < count; i += Batch)
        {
            _list.AddRange(batch);
        }
    }

    public void Dispose() => _list.Dispose();
}

/// <summary>
/// The least that handing out places can cost: one interlocked add, one store into present memory. Nobody could read it: nothing is published.
/// </summary>
internal sealed unsafe class BareTarget(int capacity) : IAppendTarget
{
    private readonly ulong* _items = (ulong*)RawSystem.MapPopulated((nuint)capacity * sizeof(ulong));
    private LonelyWord _count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            long index = Interlocked.Increment(ref _count.Value) - 1;
            _items[index] = (ulong)i;
        }
    }

    public void Dispose() => RawSystem.Unmap((byte*)_items, (nuint)capacity * sizeof(ulong));
}

/// <summary>
/// Stands in for virtual-buffer's concurrent vector, in C#: a slot is the word and a flag, 16 bytes; an interlocked add takes it, a store of the flag
/// publishes it.
/// </summary>
internal sealed unsafe class FlaggedSlotsTarget : IAppendTarget
{
    private readonly int _count;
    private readonly Slot* _slots;
    private LonelyWord _claimed;
    private LonelyWord _capacity;

    public FlaggedSlotsTarget(int capacity, bool isPresent)
    {
        _count = capacity;
        _slots = (Slot*)(isPresent ? RawSystem.MapPopulated(Bytes) : RawSystem.Map(Bytes));
        _capacity.Value = capacity;
    }

    private nuint Bytes => (nuint)_count * (nuint)sizeof(Slot);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            long index = Interlocked.Increment(ref _claimed.Value) - 1;
            if (index >= Volatile.Read(ref _capacity.Value))
            {
                throw new InvalidOperationException("It does not grow.");
            }

            _slots[index].Word = (ulong)i;
            Volatile.Write(ref _slots[index].IsOccupied, true);
        }
    }

    public void Dispose() => RawSystem.Unmap((byte*)_slots, Bytes);

    private struct Slot
    {
        public bool IsOccupied;
        public ulong Word;
    }
}

/// <summary>What most programs do: the framework's list, of the right size and warm, and a lock.</summary>
internal sealed class LockedListTarget : IAppendTarget
{
    private readonly Lock _lock = new();
    private readonly List<ulong> _list;

    public LockedListTarget(int capacity)
    {
        _list = new List<ulong>(capacity);
        CollectionsMarshal.SetCount(_list, capacity);
        CollectionsMarshal.AsSpan(_list).Clear();
        _list.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            lock (_lock)
            {
                _list.Add((ulong)i);
            }
        }
    }

    public void Dispose()
    {
    }
}

/// <summary>Alone on its cache lines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct LonelyWord
{
    [FieldOffset(128)]
    public long Value;
}
