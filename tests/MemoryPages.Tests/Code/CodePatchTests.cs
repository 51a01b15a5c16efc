using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Code that changes while it runs.</summary>
public sealed unsafe class CodePatchTests
{
    public CodePatchTests() => Assert.SkipUnless(SystemCallFailure.IsPossible, "The machine code is x86-64's.");

    /// <summary>
    /// Threads run a function whose immediate another one changes: they see numbers that were stored, whole, and in the end the last.
    /// </summary>
    [Fact]
    public void Threads_see_the_old_or_the_new_value_whole()
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using CodeBlock block = heap.Emit([0x90, 0x90, 0x90, 0xB8, 0, 0, 0, 0, 0xC3]); // mov eax, imm32 at a multiple of four; ret
        bool stop = false;
        int wrong = 0;
        Thread[] readers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            using FunctionLease<Func<int>> function = block.Function<Func<int>>();
            while (!Volatile.Read(ref stop))
            {
                int value = function.Invoke();
                if ((value & 0xFFFF) != (value >>> 16))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }))];
        Array.ForEach(readers, reader => reader.Start());
        for (int i = 0; i < 20_000; i++)
        {
            block.DangerousPatch(4, (i & 0xFFFF) | (i << 16));
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(readers, reader => reader.Join());
        Assert.Equal(0, wrong);
        Assert.Equal((19_999 & 0xFFFF) | (19_999 << 16), Call(block));
        block.DangerousPatch(4, (ushort)7);
        block.DangerousPatch(6, (byte)0);
        block.DangerousPatch(7, (byte)0);
        Assert.Equal(7, Call(block));
        Assert.Equal("r-xs", AccessAt(block.Address));
    }

    [Fact]
    public void Only_whole_aligned_values_within_the_function_are_stored()
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using CodeBlock block = heap.Emit(MachineCode.Constant(1, 16));
        foreach (int offset in new[] { -8, 4, 1, 16, 9, int.MinValue, int.MaxValue - 7 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => block.DangerousPatch(offset, 1L));
        }

        Assert.Throws<ArgumentException>(() => block.DangerousPatch(0, default(Int128)));
        Assert.Throws<ArgumentException>(() => block.DangerousPatch(0, default(Three)));
        Assert.Equal((1, 0L), (Call(block), block.LeaseCount));
    }

    [Fact]
    public void A_flipped_heap_cannot_be_patched()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        using CodeBlock block = heap.Emit(MachineCode.Constant(1));
        Assert.Throws<InvalidOperationException>(() => block.DangerousPatch(0, (byte)0x90));
        Assert.Equal(1, Call(block));
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 3)]
    private readonly struct Three;
}
