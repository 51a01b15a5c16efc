namespace MemoryPages.Tests.Allocators;

/// <summary>What happened to the values and allocators below, in order, on this thread.</summary>
internal static class Events
{
    [ThreadStatic]
    private static List<string>? t_log;

    public static void Add(string what) => (t_log ??= []).Add(what);

    public static string[] Take()
    {
        string[] log = [.. t_log ?? []];
        t_log = null;
        return log;
    }
}

/// <summary>A value with a cleanup.</summary>
internal struct Named(int number, bool throws = false) : IDisposable
{
    public int Number = number;
    private readonly bool _throws = throws;

    public readonly void Dispose()
    {
        Events.Add($"drop {Number}");
        if (_throws)
        {
            throw new InvalidOperationException($"cleanup of {Number}");
        }
    }
}

/// <summary>The article's and the README's: boxes in a value.</summary>
internal struct Tree : IDisposable
{
    public Box<Named> Left;
    public Box<Named> Right;
    public int Number;

    public void Dispose()
    {
        Events.Add($"tree {Number}");
        Box.DisposeAll(ref Left, ref Right);
    }
}

/// <summary>A chain of itself.</summary>
internal struct Link : IDisposable
{
    public Box<Link, EventAllocator> Next;
    public int Number;

    public void Dispose()
    {
        Events.Add($"link {Number}");
        Next.Dispose();
    }
}

/// <summary>A struct without state, over the native heap.</summary>
internal readonly unsafe struct EventAllocator : IAllocator
{
    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        Events.Add($"allocate {layout.Size}");
        return default(NativeAllocator).TryAllocate(layout, out block);
    }

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block)
    {
        Events.Add($"allocate zeroed {layout.Size}");
        return default(NativeAllocator).TryAllocateZeroed(layout, out block);
    }

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public void Free(void* pointer, Layout layout)
    {
        Events.Add($"free {layout.Size}");
        default(NativeAllocator).Free(pointer, layout);
    }
}

/// <summary>A struct with state of one byte, which an empty struct has the size of.</summary>
internal readonly unsafe struct ByteAllocator(byte state) : IAllocator
{
    private readonly byte _state = state;

    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        Events.Add($"allocate {layout.Size} from {_state}");
        return default(NativeAllocator).TryAllocate(layout, out block);
    }

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocateZeroed(layout, out block);

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public void Free(void* pointer, Layout layout)
    {
        Events.Add($"free {layout.Size} to {_state}");
        default(NativeAllocator).Free(pointer, layout);
    }
}

/// <summary>As large as three pointers; its fields are wishes only.</summary>
internal readonly unsafe struct WishfulAllocator(long wish) : IInterchangeableAllocator
{
    private readonly long _wish = wish;
    private readonly long _other = wish;
    private readonly long _third = wish;

    public bool TryAllocate(Layout layout, out AllocatedBlock block)
    {
        Events.Add($"allocate {layout.Size} with {(_wish + _other + _third) / 3}");
        return default(NativeAllocator).TryAllocate(layout, out block);
    }

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocateZeroed(layout, out block);

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public void Free(void* pointer, Layout layout)
    {
        Events.Add($"free {layout.Size} with {_wish}");
        default(NativeAllocator).Free(pointer, layout);
    }
}

/// <summary>A struct with a reference in it.</summary>
internal readonly unsafe struct ReferringAllocator(string name) : IAllocator
{
    private readonly string _name = name;

    public bool TryAllocate(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocate(layout, out block);

    public bool TryAllocateZeroed(Layout layout, out AllocatedBlock block) => default(NativeAllocator).TryAllocateZeroed(layout, out block);

    public bool TryGrow(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryGrowZeroed(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public bool TryShrink(void* pointer, Layout layout, Layout newLayout, out AllocatedBlock block) => throw new NotSupportedException();

    public void Free(void* pointer, Layout layout)
    {
        Events.Add($"free {layout.Size} to {_name}");
        default(NativeAllocator).Free(pointer, layout);
    }
}
