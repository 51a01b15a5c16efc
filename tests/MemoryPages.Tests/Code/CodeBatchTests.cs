#pragma warning disable MP1001 // what a disposed batch answers is tested

using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Many functions, published together.</summary>
public sealed class CodeBatchTests
{
    public CodeBatchTests() => RequireMachineCode();

    public static TheoryData<CodeMode> BothModes => Modes;

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Functions_of_a_batch_can_be_called_when_it_is_published(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        using CodeBatch batch = heap.Batch();
        CodeBlock[] blocks = [.. Enumerable.Range(0, 500).Select(i => i % 2 == 0
            ? batch.Emit(MachineCode.Constant(i))
            : batch.Emit(i, static (ref writer, i) => writer.Write(MachineCode.Constant(i))))];
        Assert.Equal(500, batch.Count);
        Assert.Throws<InvalidOperationException>(() => { using var early = blocks[0].Function<Func<int>>(); });
        Assert.Throws<InvalidOperationException>(() => blocks[0].Rewrite(MachineCode.Return));
        Assert.Equal(0, blocks[0].LeaseCount);
        if (mode == CodeMode.Flipped)
        {
            Assert.Equal("rw-p", AccessAt(blocks[0].Address));
        }

        batch.Publish();
        Assert.Equal(0, batch.Count);
        Assert.All(blocks.Index(), item => Assert.Equal(item.Index, Call(item.Item)));
        Assert.StartsWith("r-x", AccessAt(blocks[^1].Address));
    }

    [Fact]
    public void A_flipped_batch_shares_pages_and_gives_back_what_it_does_not_need()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        using CodeBatch batch = heap.Batch();
        CodeBlock[] blocks = [.. Enumerable.Range(0, 300).Select(i => batch.Emit(MachineCode.Constant(i)))];
        Assert.Equal((nuint)1 << 16, heap.UsedBytes);
        batch.Publish();
        Assert.Equal(PageSize.AlignUp(300 * 16, PageSize.Base), heap.UsedBytes);
        foreach (CodeBlock block in blocks[..^1])
        {
            block.Dispose();
        }

        Assert.Equal(299, Call(blocks[^1]));
        Assert.Throws<InvalidOperationException>(() => blocks[^1].Rewrite(MachineCode.Return)); // its neighbours' pages too
        nuint address = blocks[^1].Address;
        blocks[^1].Dispose();
        Assert.Equal((0u, "---p"), (heap.UsedBytes, AccessAt(address)));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_batch_takes_more_pages_as_it_needs_them_and_can_go_on(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode, 4 << 20);
        using CodeBatch batch = heap.Batch(1);
        var blocks = new List<CodeBlock>();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 200; i++)
            {
                blocks.Add(batch.Emit(MachineCode.Constant(blocks.Count, 1 + (i % 7 * 1000) < 16 ? 16 : i % 7 * 1000)));
            }

            batch.Publish();
        }

        Assert.All(blocks.Index(), item => Assert.Equal(item.Index, Call(item.Item)));
        blocks.ForEach(block => block.Dispose());
        Assert.Equal(0u, heap.UsedBytes);
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_batch_that_is_not_published_leaves_nothing_behind(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        CodeBlock lost;
        CodeBlock kept;
        using (CodeBatch batch = heap.Batch())
        {
            kept = batch.Emit(MachineCode.Constant(1));
            batch.Publish();
            lost = batch.Emit(MachineCode.Constant(2));
            CodeBlock freed = batch.Emit(MachineCode.Constant(3));
            freed.Dispose();
            Assert.Throws<NotSupportedException>(() => batch.Emit(static (ref _) => throw new NotSupportedException()));
            batch.Dispose();
            Assert.Throws<ObjectDisposedException>(() => batch.Emit(MachineCode.Return));
            Assert.Throws<ObjectDisposedException>(() => batch.Emit(static (ref writer) => writer.WriteByte(1)));
            Assert.Throws<ObjectDisposedException>(batch.Publish);
        }

        Assert.False(lost.IsUsable);
        Assert.Equal(1, Call(kept));
        kept.Dispose();
        Assert.Equal(0u, heap.UsedBytes);
    }

    [Fact]
    public void A_function_freed_before_publication_is_traps_in_its_published_page()
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        using CodeBatch batch = heap.Batch();
        CodeBlock freed = batch.Emit(MachineCode.Constant(1, 64));
        nuint address = freed.Address;
        using CodeBlock kept = batch.Emit(MachineCode.Constant(2));
        freed.Dispose();
        batch.Publish();
        Assert.Equal(Traps(64), BytesAt(address, 64));
        Assert.Equal(2, Call(kept));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_batch_begins_with_something(int capacity)
    {
        using CodeHeap heap = Heap(CodeMode.Flipped);
        Assert.Throws<ArgumentOutOfRangeException>(() => heap.Batch(capacity));
    }
}
