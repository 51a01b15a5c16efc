#pragma warning disable MP1001, MP1005, MP1007 // what ends under a lease, what is used afterwards, and a heap that is lost are tested

using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>While a function is held, nothing happens to it.</summary>
public sealed unsafe class CodeLeaseTests
{
    public CodeLeaseTests() => RequireMachineCode();

    public static TheoryData<CodeMode> BothModes => Modes;

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_held_function_is_freed_when_the_lease_ends(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        CodeBlock block = heap.Emit(MachineCode.Constant(7));
        nuint used = heap.UsedBytes;
        using (FunctionLease<Func<int>> held = block.Function<Func<int>>())
        {
            block.Dispose();
            Assert.Equal(1, block.LeaseCount);
            Assert.Throws<ObjectDisposedException>(() => { using var second = block.Function<Func<int>>(); });
            Assert.Equal(used, heap.UsedBytes);
            using CodeBlock other = heap.Emit(MachineCode.Constant(8));
            Assert.Equal(7, held.Invoke());
        }

        Assert.Equal(0u, heap.UsedBytes);
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_held_function_is_not_rewritten(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        using CodeBlock block = heap.Emit(MachineCode.Constant(7));
        using (FunctionLease<Func<int>> held = block.Function<Func<int>>())
        {
            var refused = Assert.Throws<InvalidOperationException>(() => block.Rewrite(MachineCode.Constant(8)));
            Assert.Contains("1 lease is open", refused.Message);
            Assert.Equal(7, held.Invoke());
        }

        block.Rewrite(MachineCode.Constant(8));
        Assert.Equal(8, Call(block));
        block.Rewrite(MachineCode.Return);
        Assert.Equal(MachineCode.Return.Length, block.Length);
        Assert.Equal([.. MachineCode.Return, .. Traps(8)], BytesAt(block.Address, MachineCode.Return.Length + 8));
        Assert.Throws<ArgumentException>(() => block.Rewrite([]));
        Assert.Throws<ArgumentException>(() => block.Rewrite(new byte[block.Capacity + 1]));
        Assert.Equal(mode == CodeMode.Flipped ? "r-xp" : "r-xs", AccessAt(block.Address));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_disposed_heap_stays_mapped_for_the_functions_that_are_held(CodeMode mode)
    {
        CodeHeap heap = Heap(mode);
        CodeBlock block = heap.Emit(MachineCode.Constant(7));
        CodeBlock other = heap.Emit(MachineCode.Constant(8));
        nuint address = block.Address;
        using (FunctionLease<Func<int>> held = block.Function<Func<int>>())
        {
            heap.Dispose();
            heap.Dispose();
            Assert.Equal(7, held.Invoke());
            Assert.Throws<ObjectDisposedException>(() => { using var lease = other.Function<Func<int>>(); });
            Assert.Throws<ObjectDisposedException>(() => other.Rewrite(MachineCode.Return));
            other.Dispose();
            block.Dispose();
            Assert.Equal(7, held.Invoke());
        }

        Assert.Null(AccessAt(address));
        Assert.Throws<ObjectDisposedException>(() => heap.Emit(MachineCode.Return));
        Assert.Throws<ObjectDisposedException>(() => heap.TryEmit(MachineCode.Return, out _));
        Assert.Throws<ObjectDisposedException>(() => heap.Batch());
        Assert.Throws<ObjectDisposedException>(() => heap.Seal());
        block.Dispose();
    }

    [Fact]
    public void A_heap_leaves_no_mapping_behind()
    {
        Heap(CodeMode.DualMapped).Dispose();
        Heap(CodeMode.Flipped).Dispose();
        int before = SystemMap.Count();
        for (int i = 0; i < 50; i++)
        {
            using CodeHeap heap = Heap(i % 2 == 0 ? CodeMode.DualMapped : CodeMode.Flipped);
            _ = heap.Emit(MachineCode.Return);
        }

        Assert.InRange(SystemMap.Count(), 0, before + 10);
    }

    [Fact]
    public void A_copy_of_a_lease_ends_it_for_all()
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using CodeBlock block = heap.Emit(MachineCode.Return);
        FunctionLease<Action> lease = block.Function<Action>();
#pragma warning disable MP1001, MP1004 // what becomes of a copy is the question
        using (FunctionLease<Action> copy = lease)
        {
        }

        bool refused = false;
        try
        {
            _ = lease.Pointer;
        }
#pragma warning restore MP1001, MP1004
        catch (ObjectDisposedException)
        {
            refused = true;
        }

        Assert.True(refused);
        Assert.Equal(0, block.LeaseCount);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(64)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_function_begins_within_its_block(int offset)
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using CodeBlock block = heap.Emit(MachineCode.Constant(3, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => { using var lease = block.Function<Action>(offset); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { using var lease = block.DangerousFunction(offset); });
        Assert.Equal(0, block.LeaseCount);
        using FunctionLease last = block.DangerousFunction(64 - MachineCode.Return.Length);
        ((delegate* unmanaged<void>)last.Pointer)();
    }

    /// <summary>What a lost heap's code may be called from nobody knows: the memory stays, and the loss is told once.</summary>
    [Fact]
    public void A_lost_heap_is_one_leak_and_stays()
    {
        var found = new System.Collections.Concurrent.ConcurrentQueue<MemoryPages.Diagnostics.PageLeakEventArgs>();
        void Remember(object? sender, MemoryPages.Diagnostics.PageLeakEventArgs leak) => found.Enqueue(leak);
        MemoryPages.Diagnostics.PageLeaks.Found += Remember;
        nuint address = Lose();
        for (int attempt = 0; attempt < 100 && !found.Any(leak => leak.Name == "lost code"); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        MemoryPages.Diagnostics.PageLeaks.Found -= Remember;
        MemoryPages.Diagnostics.PageLeakEventArgs leak = Assert.Single(found, leak => leak.Name == "lost code");
        Assert.False(leak.WasUnmapped);
        Assert.Equal("r-xs", AccessAt(address));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static nuint Lose() => new CodeHeap(new() { Mode = CodeMode.DualMapped, Name = "lost code" }).Emit(MachineCode.Return).Address;
    }
}
