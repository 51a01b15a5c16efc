using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>
/// Systems that forbid what code needs, as SELinux, sandboxes and <c>noexec</c> do. Lengths that only the test uses tell its calls from the
/// runtime's.
/// </summary>
public sealed class CodeRefusalTests
{
    private const int Executable = 5; // PROT_READ | PROT_EXEC
    private const int Writable = 3;
    private const int NoWishes = 9; // MFD_CLOEXEC | MFD_NOEXEC_SEAL

    private static readonly nuint s_reserve = (nuint)(333 * Page);

    public CodeRefusalTests()
    {
        RequireMachineCode();
        Assert.SkipUnless(SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
    }

    private static FailingCall FlipRefused => new(SystemCallFailure.Mprotect, SystemCallFailure.EACCES, (nuint)Page, Executable);

    private static FailingCall ExecutableMappingRefused => new(SystemCallFailure.Mmap, SystemCallFailure.EPERM, s_reserve, Executable);

    private static FailingCall WritableMappingRefused => new(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, s_reserve, Writable);

    private static FailingCall MemoryFilesRefused => new(SystemCallFailure.MemfdCreate, SystemCallFailure.EACCES, NoWishes);

    [Fact]
    public void Where_written_pages_may_not_run_a_heap_maps_them_twice()
    {
        Act(CodeMode.DualMapped); // the runtime makes pages executable too, to compile: what runs on the thread must have been compiled
        SystemCallFailure.During(static () => Act(null), FlipRefused);

        static void Act(CodeMode? mode)
        {
            using var heap = new CodeHeap(new() { Mode = mode, Reserve = s_reserve });
            Assert.Equal(CodeMode.DualMapped, heap.Mode);
            using CodeBlock block = heap.Emit(MachineCode.Constant(7));
            Assert.Equal(7, Call(block));
        }
    }

    [Fact]
    public void A_mode_that_was_asked_for_is_had_or_refused()
    {
        AssertRefused(new() { Mode = CodeMode.Flipped, Reserve = s_reserve }, "mprotect", ErrorReason.AccessDenied, "dual-mapped", FlipRefused);
        AssertRefused(new() { Mode = CodeMode.DualMapped, Reserve = s_reserve }, "mmap", ErrorReason.AccessDenied, "executable memory", ExecutableMappingRefused);
        AssertRefused(new() { Mode = CodeMode.DualMapped, Reserve = s_reserve }, "mmap", ErrorReason.OutOfMemory, "", WritableMappingRefused);
        AssertRefused(new() { Mode = CodeMode.DualMapped, Reserve = s_reserve }, "memfd_create", ErrorReason.AccessDenied, "", MemoryFilesRefused);
    }

    [Fact]
    public void Where_nothing_may_run_there_is_no_heap() =>
        AssertRefused(new() { Reserve = s_reserve }, "mmap", ErrorReason.AccessDenied, "executable memory", FlipRefused, ExecutableMappingRefused);

    [Fact]
    public void Where_no_files_in_memory_may_be_made_a_heap_is_flipped() => SystemCallFailure.During(
        static () =>
        {
            using var heap = new CodeHeap(new() { Reserve = s_reserve });
            Assert.Equal(CodeMode.Flipped, heap.Mode);
        },
        MemoryFilesRefused);

    [Fact]
    public void A_publication_that_is_refused_leaves_the_heap_as_it_was()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        byte[] code = MachineCode.Constant(1, 7 * Page);
        SystemCallFailure.During(
            () =>
            {
                var refused = Assert.Throws<MemoryPagesException>(() => heap.Emit(code));
                Assert.Equal(("Emit", "mprotect", "EACCES"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                Assert.False(heap.TryEmit(code, out _));
                using CodeBatch batch = heap.Batch(7 * Page);
                CodeBlock block = batch.Emit(code);
                Assert.Throws<MemoryPagesException>(batch.Publish);
                Assert.Equal(1, batch.Count);
                Assert.Throws<InvalidOperationException>(() => Call(block));
            },
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.EACCES, (nuint)(7 * Page), Executable));
        Assert.Equal(0u, heap.UsedBytes);
        Assert.Equal("---p", AccessAt(heap.Address));
        heap.Seal(); // nothing waits to be published
    }

    [Fact]
    public void A_batch_that_was_refused_can_be_published_by_another_attempt()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        using CodeBatch batch = heap.Batch(7 * Page);
        CodeBlock block = batch.Emit(MachineCode.Constant(1, 7 * Page));
        SystemCallFailure.During(
            () => Assert.Throws<MemoryPagesException>(batch.Publish),
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, (nuint)(7 * Page), Executable));
        batch.Publish();
        Assert.Equal(1, Call(block));
    }

    [Fact]
    public void A_rewrite_that_is_refused_at_first_changes_nothing_and_at_last_ends_the_function()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        CodeBlock block = heap.Emit(MachineCode.Constant(1, 7 * Page));
        SystemCallFailure.During(
            () => Assert.Throws<MemoryPagesException>(() => block.Rewrite(MachineCode.Constant(2))),
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, (nuint)(7 * Page), Writable));
        Assert.Equal((1, 7 * Page), (Call(block), block.Length));
        SystemCallFailure.During(
            () => Assert.Throws<MemoryPagesException>(() => block.Rewrite(MachineCode.Constant(2))),
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.EACCES, (nuint)(7 * Page), Executable));
        Assert.Throws<InvalidOperationException>(() => Call(block));
        block.Dispose();
        Assert.Equal(0u, heap.UsedBytes);
    }

    /// <summary>Memory that is not there is an exception when the heap grows, and no signal when a page is touched.</summary>
    [Fact]
    public void Growth_that_is_refused_leaves_the_heap_as_it_was()
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped, 8 << 20);
        byte[] code = MachineCode.Constant(1, 33 * Page);
        SystemCallFailure.During(
            () =>
            {
                var refused = Assert.Throws<MemoryPagesException>(() => heap.Emit(code));
                Assert.Equal(("Emit", "madvise", ErrorReason.Unbacked), (refused.Operation, refused.NativeCall, refused.Reason));
                Assert.False(heap.TryEmit(code, out _));
            },
            new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EFAULT, (nuint)(33 * Page)));
        Assert.Equal(0u, heap.UsedBytes);
        using CodeBlock block = heap.Emit(code);
        Assert.Equal(1, Call(block));
    }

    private static void AssertRefused(CodeHeapOptions options, string call, ErrorReason reason, string hint, params FailingCall[] failures)
    {
        Assert.Throws<MemoryPagesException>(() => new CodeHeap(options with { Near = nuint.MaxValue })); // compiles what an error takes
        int before = SystemMap.Count();
        var refused = Assert.Throws<MemoryPagesException>(() => SystemCallFailure.During(() => new CodeHeap(options).Dispose(), failures));
        Assert.Equal(("CodeHeap", call, reason), (refused.Operation, refused.NativeCall, refused.Reason));
        Assert.Contains(hint, refused.Message);
        Assert.InRange(SystemMap.Count(), before - 8, before + 8);
    }
}
