namespace MemoryPages.Testing;

/// <summary>
/// Random steps on an allocator, beside a list of what is allocated and what stands in it. Deterministic by its seed. Not for several threads at
/// once, but each step may be on another.
/// </summary>
/// <typeparam name="TAllocator">The allocator's type.</typeparam>
/// <param name="allocator">The allocator.</param>
/// <param name="abilities">What it can.</param>
/// <param name="budget">The most bytes to have at one time.</param>
/// <param name="seed">Which steps.</param>
internal sealed unsafe class AllocatorModel<TAllocator>(TAllocator allocator, AllocatorAbilities abilities, nuint budget, int seed)
    where TAllocator : IAllocator
{
    /// <summary>Enough for every kind of step to have followed every other many times.</summary>
    public const int Steps = 3_000;

    private readonly List<Live> _live = [];
    private ulong _noise = ((ulong)seed * 0x9E37_79B9_7F4A_7C15) | 1;
    private nuint _bytes;
    private byte _stamp;

    public void Run()
    {
        Step(Steps);
        FreeAll();
    }

    public void Step(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Layout layout = AnyLayout();
            int verb = Next(10);
            if (_live.Count == 0 || (verb < 4 && _bytes + layout.Size <= budget))
            {
                Allocate(layout, zeroed: verb % 2 == 0);
            }
            else if (verb < 7)
            {
                Resize(Next(_live.Count), layout, zeroed: verb == 6);
            }
            else
            {
                Free(Next(_live.Count));
            }
        }
    }

    public void FreeAll()
    {
        while (_live.Count != 0)
        {
            Free(_live.Count - 1);
        }
    }

    private void Allocate(Layout layout, bool zeroed)
    {
        // No after all: an arena that has been through its capacity, or alignments that leave no room.
        if (!(zeroed ? allocator.TryAllocateZeroed(layout, out AllocatedBlock block) : allocator.TryAllocate(layout, out block)))
        {
            Require(!abilities.Reuses, $"{layout.Size} bytes were refused while {_bytes} were in use");
            return;
        }

        AllocatorConformance<TAllocator>.RequireFits(block, layout);
        Require(!zeroed || !Bytes(block).ContainsAnyExcept((byte)0), $"zeroed memory of {layout.Size} bytes is not zero");
        _bytes += block.Size;
        _live.Add(Stamp(block, layout));
    }

    private void Resize(int index, Layout layout, bool zeroed)
    {
        Live live = Checked(index);
        bool larger = layout.Size >= live.Layout.Size;
        if (larger && _bytes + layout.Size > budget)
        {
            return;
        }

        AllocatedBlock block;
        bool resized = !larger ? allocator.TryShrink(live.Block.Pointer, live.Layout, layout, out block)
            : zeroed ? allocator.TryGrowZeroed(live.Block.Pointer, live.Layout, layout, out block)
            : allocator.TryGrow(live.Block.Pointer, live.Layout, layout, out block);
        if (!resized)
        {
            _ = Checked(index);
            return;
        }

        AllocatorConformance<TAllocator>.RequireFits(block, layout);
        int kept = (int)Math.Min(live.Layout.Size, layout.Size);
        Require(!Bytes(block)[..kept].ContainsAnyExcept(live.Stamp), $"resizing {live.Layout.Size} bytes to {layout.Size} lost content");
        Require(!larger || !zeroed || !Bytes(block)[kept..].ContainsAnyExcept((byte)0), $"what {kept} bytes grew by is not zero");
        _bytes = _bytes - live.Block.Size + block.Size;
        _live[index] = Stamp(block, layout);
    }

    private void Free(int index)
    {
        Live live = Checked(index);
        _live[index] = _live[^1];
        _live.RemoveAt(_live.Count - 1);
        _bytes -= live.Block.Size;
        allocator.Free(live.Block.Pointer, live.Layout);
    }

    private Live Stamp(AllocatedBlock block, Layout layout)
    {
        Bytes(block).Fill(++_stamp);
        return new Live(block, layout, _stamp);
    }

    private Live Checked(int index)
    {
        Live live = _live[index];
        Require(!Bytes(live.Block).ContainsAnyExcept(live.Stamp), $"a block of {live.Layout.Size} bytes was written by somebody else");
        return live;
    }

    /// <summary>Mostly small ones, as programs want them; now and then pages.</summary>
    private Layout AnyLayout()
    {
        nuint most = Next(20) == 0 ? Math.Min(budget / 8, 64 * PageSize.Base) : Next(4) == 0 ? PageSize.Base : 256;
        int shift = Next(10) == 0 ? Next(System.Numerics.BitOperations.Log2(abilities.LargestAlignment) + 1) : Next(6);
        return new Layout((nuint)Next((int)most + 1), (nuint)1 << shift);
    }

    /// <summary>xorshift64.</summary>
    private int Next(int below)
    {
        _noise ^= _noise << 13;
        _noise ^= _noise >> 7;
        _noise ^= _noise << 17;
        return (int)(_noise % (ulong)below);
    }

    private static Span<byte> Bytes(AllocatedBlock block) => AllocatorConformance<TAllocator>.Bytes(block);

    private static void Require(bool condition, FormattableString what) => AllocatorConformance<TAllocator>.Require(condition, what);

    private readonly record struct Live(AllocatedBlock Block, Layout Layout, byte Stamp);
}
