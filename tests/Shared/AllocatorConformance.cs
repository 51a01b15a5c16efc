namespace MemoryPages.Testing;

/// <summary>
/// Checks that an allocator keeps the contract of <see cref="IAllocator"/>: this one's or one of yours. Needs no test framework: a broken promise is
/// an exception that says which. Every check frees what it allocates.
/// </summary>
/// <remarks>The files whose names begin with Allocator can be compiled into any test project: see docs/allocators.md.</remarks>
/// <typeparam name="TAllocator">The allocator's type, so that a struct is used as generic code uses it.</typeparam>
/// <param name="allocator">The allocator, with nothing allocated from it by others meanwhile.</param>
/// <param name="abilities">What it can.</param>
internal sealed unsafe partial class AllocatorConformance<TAllocator>(TAllocator allocator, AllocatorAbilities abilities)
    where TAllocator : IAllocator
{
    private const byte Dirt = 0xD1;

    /// <summary>All checks, one after the other.</summary>
    public void Run()
    {
        LayoutsOfNoBytesAreBlocks();
        AlignmentsAreKept();
        AllBytesOfAllBlocksAreTheirOwn();
        ZeroedIsZeroToTheLastByte();
        GrowingKeepsTheContent();
        GrowingZeroedClearsWhatIsNew();
        ShrinkingKeepsTheContent();
        TheAlignmentMayChange();
        ABlockIsFreedByAnySizeUpToItsOwn();
        WhatCannotBeIsRefusedAndChangesNothing();
        WhatWasFreedCanBeHadAgain();
        RandomStepsAgreeWithAModel(seed: 1);
        SeveralThreadsAgreeWithTheirModels();
    }

    public void LayoutsOfNoBytesAreBlocks()
    {
        foreach (nuint alignment in Alignments())
        {
            var layout = new Layout(0, alignment);
            AllocatedBlock one = Allocate(layout), other = AllocateZeroed(layout);
            bool isPlaced = one.Address != 0 && one.Address % alignment == 0;
            Require(isPlaced, $"a block of no bytes is at 0x{one.Address:x}, for an alignment of {alignment}");
            AllocatedBlock grown = Grow(one, layout, new Layout(alignment, alignment));
            AllocatedBlock shrunk = Shrink(grown, new Layout(alignment, alignment), layout);
            allocator.Free(shrunk.Pointer, layout);
            allocator.Free(other.Pointer, layout);
        }
    }

    public void AlignmentsAreKept()
    {
        foreach (nuint alignment in Alignments())
        {
            foreach (nuint size in (ReadOnlySpan<nuint>)[1, alignment - 1, alignment, alignment + 1, 3 * alignment])
            {
                // Three at once: the first of an allocator's memory is aligned to anything.
                var layout = new Layout(size, alignment);
                AllocatedBlock[] blocks = [Allocate(layout), AllocateZeroed(layout), Allocate(layout)];
                foreach (AllocatedBlock block in blocks)
                {
                    Bytes(block).Fill(Dirt);
                    allocator.Free(block.Pointer, layout);
                }
            }
        }
    }

    public void AllBytesOfAllBlocksAreTheirOwn()
    {
        var blocks = new List<(AllocatedBlock Block, Layout Layout)>();
        for (nuint total = 0, size = 1; total + size < abilities.Capacity / 4 && blocks.Count < 200; total += size, size = (size * 9 / 8) + 3)
        {
            var layout = new Layout(size, (nuint)1 << (blocks.Count % 7));
            AllocatedBlock block = Allocate(layout);
            Bytes(block).Fill((byte)blocks.Count);
            blocks.Add((block, layout));
        }

        for (int i = 0; i < blocks.Count; i++)
        {
            Require(!Bytes(blocks[i].Block).ContainsAnyExcept((byte)i), $"a block of {blocks[i].Layout.Size} bytes was written by another's owner");
            allocator.Free(blocks[i].Block.Pointer, blocks[i].Layout);
        }
    }

    public void ZeroedIsZeroToTheLastByte()
    {
        foreach (nuint size in (ReadOnlySpan<nuint>)[0, 1, 17, 64, 1000, PageSize.Base, (3 * PageSize.Base) + 5, abilities.Capacity / 8])
        {
            foreach (nuint alignment in (ReadOnlySpan<nuint>)[1, 64, Math.Min(PageSize.Base, abilities.LargestAlignment)])
            {
                var layout = new Layout(size, alignment);
                AllocatedBlock dirty = Allocate(layout);
                Bytes(dirty).Fill(Dirt);
                allocator.Free(dirty.Pointer, layout);
                AllocatedBlock block = AllocateZeroed(layout);
                Require(!Bytes(block).ContainsAnyExcept((byte)0), $"zeroed memory of {size} bytes is not zero throughout");
                Bytes(block).Fill(Dirt);
                allocator.Free(block.Pointer, layout);
            }
        }
    }

    public void GrowingKeepsTheContent() => Resize(
        (block, layout, wished) =>
        {
            Bytes(block)[..(int)layout.Size].Fill(Dirt);
            AllocatedBlock grown = Grow(block, layout, wished);
            Require(!Bytes(grown)[..(int)layout.Size].ContainsAnyExcept(Dirt), $"growing {layout.Size} bytes to {wished.Size} lost some of them");
            return grown;
        });

    public void GrowingZeroedClearsWhatIsNew() => Resize(
        (block, layout, wished) =>
        {
            Bytes(block).Fill(Dirt); // behind the layout, too
            Require(allocator.TryGrowZeroed(block.Pointer, layout, wished, out AllocatedBlock grown), Refused(wished));
            RequireFits(grown, wished);
            Require(!Bytes(grown)[..(int)layout.Size].ContainsAnyExcept(Dirt), $"growing {layout.Size} bytes to {wished.Size} lost some of them");
            Require(!Bytes(grown)[(int)layout.Size..].ContainsAnyExcept((byte)0), $"what {layout.Size} bytes grew by, to {wished.Size}, is not zero");
            return grown;
        });

    public void ShrinkingKeepsTheContent() => Resize(
        (block, layout, wished) =>
        {
            AllocatedBlock grown = Grow(block, layout, wished);
            Bytes(grown)[..(int)layout.Size].Fill(Dirt);
            AllocatedBlock shrunk = Shrink(grown, wished, layout);
            Require(!Bytes(shrunk)[..(int)layout.Size].ContainsAnyExcept(Dirt), $"shrinking {wished.Size} bytes to {layout.Size} lost some of them");
            return Grow(shrunk, layout, wished);
        });

    public void TheAlignmentMayChange()
    {
        foreach (nuint from in Alignments())
        {
            foreach (nuint to in Alignments())
            {
                Layout layout = new(48, from), wished = new(200, to);
                AllocatedBlock block = Allocate(layout);
                Bytes(block)[..48].Fill(Dirt);
                block = Grow(block, layout, wished);
                Require(!Bytes(block)[..48].ContainsAnyExcept(Dirt), $"growing from alignment {from} to {to} lost content");
                block = Shrink(block, wished, layout);
                Require(!Bytes(block)[..48].ContainsAnyExcept(Dirt), $"shrinking from alignment {to} to {from} lost content");
                allocator.Free(block.Pointer, layout);
            }
        }
    }

    public void ABlockIsFreedByAnySizeUpToItsOwn()
    {
        for (nuint size = 0; size < 300; size += 7)
        {
            for (nuint alignment = 1; alignment <= 64; alignment *= 8)
            {
                AllocatedBlock whole = Allocate(new Layout(size, alignment));
                allocator.Free(whole.Pointer, new Layout(whole.Size, alignment));
                AllocatedBlock half = Allocate(new Layout(size, alignment));
                var between = new Layout(size + ((half.Size - size) / 2), alignment);
                half = Grow(half, between, new Layout(half.Size + 1, alignment));
                allocator.Free(half.Pointer, new Layout(half.Size, alignment));
            }
        }
    }

    public void WhatCannotBeIsRefusedAndChangesNothing()
    {
        Layout layout = new(100, 8), impossible = new((nuint)nint.MaxValue - 7, 8);
        AllocatedBlock block = Allocate(layout);
        Bytes(block)[..100].Fill(Dirt);
        AllocatedBlock refused = block;
        Require(!allocator.TryAllocate(impossible, out refused) && refused.Address == 0, "more memory than there are addresses was given");
        Require(
            !allocator.TryAllocateZeroed(impossible, out refused) && refused.Address == 0,
            "more zeroed memory than there are addresses was given");
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool given = allocator.TryAllocate(impossible, out _) || allocator.TryGrow(block.Pointer, layout, impossible, out _)
            || allocator.TryGrowZeroed(block.Pointer, layout, impossible, out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(!given && allocated == 0, $"a refusal took {allocated} bytes of managed memory");
        Require(allocator.Refusal("Allocate", impossible) is not null, "a refusal without a reason");
        Require(!Bytes(block)[..100].ContainsAnyExcept(Dirt), "a block that could not grow lost its content");
        allocator.Free(block.Pointer, layout);
    }

    public void WhatWasFreedCanBeHadAgain()
    {
        for (nuint total = 0; abilities.Reuses && total < 4 * abilities.Capacity;)
        {
            var layout = new Layout(abilities.Capacity / 16, 16);
            AllocatedBlock block = Allocate(layout);
            allocator.Free(block.Pointer, layout);
            total += layout.Size;
        }
    }

    public void RandomStepsAgreeWithAModel(int seed) => new AllocatorModel<TAllocator>(allocator, abilities, abilities.Capacity / 4, seed).Run();

    /// <summary>And blocks go from thread to thread: each frees what another allocated.</summary>
    public void SeveralThreadsAgreeWithTheirModels()
    {
        const int Count = 4;
        if (!abilities.IsThreadSafe)
        {
            return;
        }

        var models = new AllocatorModel<TAllocator>[Count];
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        for (int i = 0; i < Count; i++)
        {
            models[i] = new AllocatorModel<TAllocator>(allocator, abilities, abilities.Capacity / 4 / Count, seed: 100 + i);
        }

        OnThreads(i => models[i].Step(AllocatorModel<TAllocator>.Steps));
        OnThreads(i => models[(i + 1) % Count].Step(AllocatorModel<TAllocator>.Steps));
        OnThreads(i => models[(i + 2) % Count].FreeAll());

        void OnThreads(Action<int> work)
        {
            Thread[] threads = [.. Enumerable.Range(0, Count).Select(i => new Thread(() =>
            {
                try
                {
                    work(i);
                }
                catch (Exception exception)
                {
                    failures.Enqueue(exception);
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            if (failures.TryPeek(out Exception? first))
            {
                throw new AllocatorConformanceException("On several threads: " + first.Message, first);
            }
        }
    }
}
