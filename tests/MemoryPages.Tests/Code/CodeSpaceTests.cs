using MemoryPages.Code;
using MemoryPages.Tests.Reserved;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Against a model: an array that says of each unit who has it.</summary>
public sealed class CodeSpaceTests
{
    private const int Unit = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nobody_is_given_what_another_has_and_what_is_free_is_found(int seed)
    {
        const int Units = 700;
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        var space = new CodeSpace(heap, Units * Unit, Unit);
        var owners = new CodeExtent?[Units];
        var live = new List<CodeExtent>();
        var random = new Noise((ulong)seed);
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(100) < 52)
            {
                int length = random.Next(4) == 0 ? 1 + random.Next(200 * Unit) : 1 + random.Next(10 * Unit);
                CodeExtent? extent = space.TryAllocate(length);
                int units = (length + Unit - 1) / Unit;
                Assert.Equal(LongestRun(owners) >= units, extent is not null);
                if (extent is null)
                {
                    continue;
                }

                Assert.Equal((units * Unit, 0), (extent.Capacity, extent.Offset % Unit));
                Assert.All(owners[(extent.Offset / Unit)..(extent.Limit / Unit)], Assert.Null);
                if (random.Next(3) == 0)
                {
                    space.Trim(extent, 1 + random.Next(length));
                }

                owners.AsSpan((extent.Offset / Unit)..(extent.Limit / Unit)).Fill(extent);
                live.Add(extent);
            }
            else if (live.Count != 0)
            {
                int chosen = random.Next(live.Count);
                CodeExtent extent = live[chosen];
                Assert.All(owners[(extent.Offset / Unit)..(extent.Limit / Unit)], owner => Assert.Same(extent, owner));
                owners.AsSpan((extent.Offset / Unit)..(extent.Limit / Unit)).Clear();
                live.RemoveAt(chosen);
                space.Free(extent);
            }

            Assert.Equal(owners.Count(owner => owner is not null) * Unit, space.Used);
            Assert.Equal(LongestRun(owners) * Unit, space.LongestFree);
        }

        live.ForEach(space.Free);
        Assert.Equal((0, Units * Unit), (space.Used, space.LongestFree));
        Assert.Equal(0, space.TryAllocate(Units * Unit)!.Offset);
        Assert.Null(space.TryAllocate(1));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue - Unit)]
    [InlineData(1 << 30)]
    public void More_than_there_is_is_not_found(int length)
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        Assert.Null(new CodeSpace(heap, (1 << 30) - Unit, Unit).TryAllocate(length));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1 << 29)]
    [InlineData((1 << 30) - 16)]
    public void The_largest_heap_can_be_had_whole(int length)
    {
        using CodeHeap heap = Heap(CodeMode.DualMapped);
        Assert.Equal(length, new CodeSpace(heap, length, Unit).TryAllocate(length)!.Capacity);
    }

    private static int LongestRun(CodeExtent?[] owners)
    {
        int longest = 0;
        int run = 0;
        foreach (CodeExtent? owner in owners)
        {
            run = owner is null ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
