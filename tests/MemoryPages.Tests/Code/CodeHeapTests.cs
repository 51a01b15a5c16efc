using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Emitting, calling, freeing.</summary>
public sealed unsafe class CodeHeapTests
{
    public CodeHeapTests() => RequireMachineCode();

    public static TheoryData<CodeMode> BothModes => Modes;

    [Theory]
    [MemberData(nameof(BothModes))]
    public void All_256_by_256_additions_are_right(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        using CodeBlock add = heap.Emit(static (ref writer) => writer.Write(MachineCode.Add));
        using FunctionLease<Func<ulong, ulong, ulong>> call = add.Function<Func<ulong, ulong, ulong>>();
        for (ulong a = 0; a < 256; a++)
        {
            for (ulong b = 0; b < 256; b++)
            {
                Assert.Equal(a + b, call.Invoke(a, b));
            }
        }

        Assert.Equal(1UL, call.Invoke(ulong.MaxValue, 2));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Code_can_be_run_and_not_written_where_it_runs(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        Assert.Equal(mode, heap.Mode);
        using CodeBlock block = heap.Emit(MachineCode.Add);
        Assert.Equal(mode == CodeMode.Flipped ? "r-xp" : "r-xs", AccessAt(block.Address));
        Assert.Equal(MachineCode.Add, BytesAt(block.Address, block.Length));
        Assert.Equal((MachineCode.Add.Length, true, 0L), (block.Length, block.IsUsable, block.LeaseCount));
        byte[] copy = new byte[block.Length];
        block.CopyTo(copy);
        Assert.Equal(MachineCode.Add, copy);
    }

    [Fact]
    public void A_dual_mapped_heap_is_one_memory_at_two_addresses_neither_of_which_allows_both()
    {
        using var heap = new CodeHeap(new() { Mode = CodeMode.DualMapped, Name = "twice" });
        using CodeBlock block = heap.Emit(MachineCode.Add);
        string[] lines = [.. File.ReadLines(Needed.File("/proc/self/maps")).Where(line => line.Contains("/memfd:twice"))];
        Assert.Equal(["r-xs", "rw-s"], lines.Select(line => line.Split(' ')[1]).Order());
        Assert.Single(lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]).Distinct()); // one inode
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void What_no_function_stands_in_is_a_trap_or_inaccessible(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        using CodeBlock block = heap.Emit(MachineCode.Add);
        int rest = Page - block.Length;
        byte[] behind = BytesAt(block.Address + (nuint)block.Length, rest);
        Assert.Equal(Traps(64), behind[^64..]);
        Assert.All(behind[..(16 - MachineCode.Add.Length)], b => Assert.Contains(b, MachineCode.Trap));
        Assert.Equal(mode == CodeMode.Flipped ? "---p" : "r-xs", AccessAt(block.Address + (nuint)Page));
        if (mode == CodeMode.DualMapped)
        {
            Assert.Equal(Traps(Page), BytesAt(heap.Address + (nuint)Page, Page));
        }
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Freed_code_is_gone_and_its_place_is_used_again(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        CodeBlock first = heap.Emit(MachineCode.Constant(1, 128));
        using CodeBlock second = heap.Emit(MachineCode.Constant(2, 128));
        nuint address = first.Address;
        nuint used = heap.UsedBytes;
        first.Dispose();
        Assert.Equal(used / 2, heap.UsedBytes);
        if (mode == CodeMode.DualMapped)
        {
            Assert.Equal(Traps(128), BytesAt(address, 128));
        }
        else
        {
            Assert.Equal("---p", AccessAt(address));
        }

        using CodeBlock third = heap.Emit(MachineCode.Constant(3, 128));
        Assert.Equal(address, third.Address);
        Assert.Equal((2, 3), (Call(second), Call(third)));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_freed_function_refuses_every_use_by_every_copy(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        CodeBlock block = heap.Emit(MachineCode.Constant(1));
        CodeBlock copy = block;
        Assert.Equal(block, copy);
        block.Dispose();
        copy.Dispose();
        foreach (CodeBlock freed in new[] { block, copy, default })
        {
            Assert.False(freed.IsUsable);
            Assert.Throws<ObjectDisposedException>(() => freed.Address);
            Assert.Throws<ObjectDisposedException>(() => freed.Length);
            Assert.Throws<ObjectDisposedException>(() => freed.Capacity);
            Assert.Throws<ObjectDisposedException>(() => { using var lease = freed.Function<Action>(); });
            Assert.Throws<ObjectDisposedException>(() => { using var lease = freed.DangerousFunction(); });
            Assert.Throws<ObjectDisposedException>(() => freed.CopyTo(new byte[9]));
            Assert.Throws<ObjectDisposedException>(() => freed.Rewrite([1]));
            Assert.Throws<ObjectDisposedException>(() => freed.DangerousPatch(0, (byte)1));
        }

        using CodeBlock other = heap.Emit(MachineCode.Constant(2)); // in the same place, and none of theirs
        Assert.False(copy.IsUsable);
        Assert.NotEqual(copy, other);
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Growing_moves_nothing(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode, 8 << 20);
        (CodeBlock Block, nuint Address)[] blocks =
            [.. Enumerable.Range(0, 1000).Select(i => heap.Emit(MachineCode.Constant(i, 1024))).Select(b => (b, b.Address))];
        Assert.All(blocks.Index(), item =>
        {
            Assert.Equal(item.Item.Address, item.Item.Block.Address);
            Assert.InRange(item.Item.Address, heap.Address, heap.Address + heap.Length - 1024);
            Assert.Equal(item.Index, Call(item.Item.Block));
        });
        Assert.Equal(blocks.Length, blocks.Select(b => b.Address).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_full_heap_says_so_and_takes_more_when_something_was_freed(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode, (nuint)(4 * Page));
        CodeBlock[] blocks = [.. Enumerable.Range(0, 4).Select(i => heap.Emit(MachineCode.Constant(i, Page)))];
        var full = Assert.Throws<InvalidOperationException>(() => heap.Emit(MachineCode.Return));
        Assert.Contains($"{4 * Page} of {4 * Page} bytes are used", full.Message);
        Assert.Throws<InvalidOperationException>(() => heap.Emit(static (ref writer) => writer.Write(MachineCode.Return)));
        Assert.False(heap.TryEmit(MachineCode.Return, out CodeBlock none));
        Assert.Equal(default, none);
        blocks[1].Dispose();
        blocks[2].Dispose();
        Assert.Throws<InvalidOperationException>(() => heap.Emit(MachineCode.Constant(9, 3 * Page)));
        Assert.True(heap.TryEmit(MachineCode.Constant(9, 2 * Page), out CodeBlock both)); // the neighbours are one again
        Assert.Equal((9, 0, 3), (Call(both), Call(blocks[0]), Call(blocks[3])));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(16, 16)]
    [InlineData(64, 64)]
    [InlineData(1024, 1024)]
    public void Functions_are_aligned(int wished, int alignment)
    {
        foreach (CodeMode mode in new[] { CodeMode.DualMapped, CodeMode.Flipped })
        {
            using var heap = new CodeHeap(new() { Mode = mode, Alignment = (nuint)wished });
            using CodeBatch batch = heap.Batch();
            CodeBlock[] blocks = [heap.Emit(MachineCode.Add), heap.Emit(MachineCode.Add), batch.Emit(MachineCode.Add), batch.Emit(MachineCode.Add)];
            Assert.All(blocks, block => Assert.Equal(0u, block.Address % (nuint)alignment));
        }
    }

    [Fact]
    public void Functions_call_one_another_by_their_addresses()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "The machine code is x86-64's.");
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using CodeBlock callee = heap.Emit(MachineCode.Constant(41));
        using CodeBlock caller = heap.Emit(callee.Address, static (ref writer, target) =>
        {
            writer.Write([0x48, 0x83, 0xEC, 0x08, 0xE8]); // sub rsp, 8; call
            writer.WriteRelative32(target);
            writer.Write([0xFF, 0xC0, 0x48, 0x83, 0xC4, 0x08, 0xC3]); // inc eax; add rsp, 8; ret
        });
        Assert.Equal(42, Call(caller));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Code_that_needs_more_room_than_there_is_at_first_is_written_again(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        int calls = 0;
        using CodeBlock block = heap.Emit((ref writer) =>
        {
            calls++;
            writer.Write(MachineCode.Constant(5, 3 * Page));
        });
        Assert.Equal((5, 3 * Page, 2), (Call(block), block.Length, calls));
        Assert.Equal((nuint)(3 * Page), heap.UsedBytes);
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void What_an_action_throws_leaves_nothing_behind(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        Assert.Throws<NotSupportedException>(() => heap.Emit(static (ref writer) =>
        {
            writer.Write(MachineCode.Add);
            throw new NotSupportedException();
        }));
        Assert.Throws<ArgumentException>(() => heap.Emit(static (ref _) => { }));
        Assert.Throws<ArgumentException>(() => heap.Emit([]));
        Assert.Throws<ArgumentException>(() => heap.TryEmit([], out _));
        int length = Page;
        Assert.Throws<InvalidOperationException>(() => heap.Emit((ref writer) => writer.Write(new byte[length *= 2]))); // never the same
        Assert.Equal(0u, heap.UsedBytes);
        using CodeBlock block = heap.Emit(MachineCode.Constant(1));
        Assert.Equal(heap.Address, block.Address);
    }

    [Fact]
    public void Emitting_allocates_one_object_and_no_more()
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        byte[] code = MachineCode.Constant(1, 64);
        heap.Emit(code).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        const int Count = 100;
        for (int i = 0; i < Count; i++)
        {
            _ = heap.Emit(code);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 1, 112);
    }
}
