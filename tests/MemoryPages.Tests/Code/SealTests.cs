#pragma warning disable MP1001, MP1002, MP1005, MP1007 // sealed pages stay for the life of the process, and changing them is refused

using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>What is sealed stays as it is, for the life of the process: each test leaves some pages behind.</summary>
public sealed unsafe class SealTests
{
    public SealTests() => Assert.SkipUnless(Pages.SealingSupported, "This kernel has no mseal (since Linux 6.10).");

    public static TheoryData<CodeMode> BothModes => Modes;

    [Fact]
    public void Sealed_pages_can_be_used_and_not_changed_by_anybody()
    {
        Pages<ReadOnly> pages = Witness.AllocateLonely(2 * PageSize.Base).DenyWrite();
        nuint address = Witness.AddressOf(pages);
        Assert.Equal(0, pages.Read<int>(0));
        pages.Seal();
        pages.Seal();
        Assert.True(SystemMap.At(address)!.HasFlag("sl"), SystemMap.At(address)!.Flags);
        Assert.Equal(0, pages.Read<int>(0));
        Action[] changes = [() => pages.Protect<ReadWrite>(), () => pages.Resize(1), () => pages.Resize(3 * PageSize.Base, mayMove: true)];
        foreach (Action change in changes)
        {
            var refused = Assert.Throws<MemoryPagesException>(change);
            Assert.Equal((ErrorReason.Sealed, "EPERM"), (refused.Reason, refused.ErrorSymbol));
            Assert.Contains("sealed", refused.Message);
            Assert.True(pages.IsUsable);
        }

        Assert.NotEqual(0, Kernel.Protect((nint)address, PageSize.Base, 3));
        Assert.NotEqual(0, Kernel.Unmap((nint)address, PageSize.Base));
        Assert.Equal(Kernel.Failed, Kernel.Map((nint)address, PageSize.Base, 3, Kernel.PrivateAnonymous | Kernel.Fixed, -1, 0));
        Assert.Equal("r--p", AccessAt(address));
        pages.Dispose();
        pages.Dispose();
        Assert.Equal("r--p", AccessAt(address));
        Assert.Throws<ObjectDisposedException>(pages.Seal);
    }

    [Fact]
    public void Writable_pages_can_be_written_after_sealing()
    {
        Pages<ReadWrite> pages = Pages.Allocate(1);
        using (WriteView view = pages.Write())
        {
            Assert.Throws<InvalidOperationException>(pages.Seal);
        }

        pages.Seal();
        pages.Write(0, 42);
        Assert.Equal(42, pages.Read<int>(0));
        Assert.Throws<MemoryPagesException>(() => pages.DenyWrite());
        pages.Dispose();
    }

    [Fact]
    public void Losing_sealed_pages_is_no_leak()
    {
        var found = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        void Remember(object? sender, MemoryPages.Diagnostics.PageLeakEventArgs leak) => found.Enqueue(leak.Name);
        MemoryPages.Diagnostics.PageLeaks.Found += Remember;
        Lose("sealed and lost", true);
        Lose("only lost", false);
        for (int attempt = 0; attempt < 100 && !found.Contains("only lost"); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        MemoryPages.Diagnostics.PageLeaks.Found -= Remember;
        Assert.Contains("only lost", found);
        Assert.DoesNotContain("sealed and lost", found);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Lose(string name, bool isSealed)
        {
            Pages<ReadWrite> pages = Pages.Allocate(1, new() { Name = name });
            if (isSealed)
            {
                pages.Seal();
            }
        }
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_sealed_heap_runs_and_takes_nothing_more(CodeMode mode)
    {
        RequireMachineCode();
        string name = "sealed-" + mode;
        var heap = new CodeHeap(new() { Mode = mode, Reserve = 1 << 20, Name = name });
        CodeBlock block = heap.Emit(MachineCode.Constant(7));
        using (CodeBatch batch = heap.Batch())
        {
            _ = batch.Emit(MachineCode.Return);
            Assert.Throws<InvalidOperationException>(heap.Seal);
            Assert.False(heap.IsSealed);
        }

        heap.Seal();
        heap.Seal();
        Assert.True(heap.IsSealed);
        nuint address = block.Address;
        Assert.True(SystemMap.At(address)!.HasFlag("sl"));
        Assert.Equal(7, Call(block));
        Assert.DoesNotContain(File.ReadLines(Needed.File("/proc/self/maps")), line => line.Contains("/memfd:" + name) && line.Contains(" rw"));
        Assert.Throws<InvalidOperationException>(() => heap.Emit(MachineCode.Return));
        Assert.Throws<InvalidOperationException>(() => heap.TryEmit(MachineCode.Return, out _));
        Assert.Throws<InvalidOperationException>(() => heap.Batch().Emit(MachineCode.Return));
        Assert.ThrowsAny<InvalidOperationException>(() => block.Rewrite(MachineCode.Return));
        Assert.ThrowsAny<InvalidOperationException>(() => block.DangerousPatch(0, (byte)0));
        Assert.NotEqual(0, Kernel.Protect((nint)address, PageSize.Base, 3));
        Assert.NotEqual(0, Kernel.Unmap((nint)address, PageSize.Base));
        using (FunctionLease held = block.DangerousFunction())
        {
            block.Dispose();
            heap.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => block.Length);
        Assert.Equal(mode == CodeMode.Flipped ? "r-xp" : "r-xs", AccessAt(address));
        Assert.Equal(MachineCode.Constant(7), BytesAt(address, MachineCode.Constant(7).Length));
        Assert.Throws<ObjectDisposedException>(heap.Seal);
    }

    [Fact]
    public void A_kernel_that_cannot_seal_is_said_and_nothing_changes()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        RequireMachineCode();
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        using Pages<ReadOnly> pages = Pages.Allocate<ReadOnly>(1);
        foreach (Action seal in new Action[] { heap.Seal, pages.Seal })
        {
            var refused = Assert.Throws<MemoryPagesException>(
                () => SystemCallFailure.During(seal, new FailingCall(SystemCallFailure.Mseal, SystemCallFailure.ENOSYS)));
            Assert.Equal((ErrorReason.NotSupported, "mseal"), (refused.Reason, refused.NativeCall));
        }

        Assert.False(heap.IsSealed);
        using CodeBlock block = heap.Emit(MachineCode.Constant(1));
        Assert.Equal(1, Call(block));
        using Pages<ReadWrite> writable = pages.AllowWrite();
    }
}
