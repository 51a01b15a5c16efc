using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>Where a heap is.</summary>
public sealed unsafe class CodeNearTests
{
    private const nuint Reach = (nuint)1 << 31;

    public static TheoryData<CodeMode> BothModes => Modes;

    public static TheoryData<ulong> Places => [(ulong)1 << 36, (ulong)1 << 40, 1, (ulong)1 << 33, ((ulong)1 << 47) - 100_000];

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_byte_is_within_reach_of_any_place(ulong place)
    {
        foreach (CodeMode mode in new[] { CodeMode.DualMapped, CodeMode.Flipped })
        {
            using var heap = new CodeHeap(new() { Mode = mode, Near = (nuint)place, Reserve = 64 << 20 });
            AssertWithin(heap, (nuint)place, Reach);
        }
    }

    /// <summary>What hooks need: code beside a library's, which calls into it and is called from it by 32 bits.</summary>
    [Fact]
    public void A_heap_can_be_had_near_a_loaded_library()
    {
        Assert.SkipUnless(SystemCallFailure.IsPossible, "The machine code is x86-64's.");
        nuint function = (nuint)System.Runtime.InteropServices.NativeLibrary.GetExport(System.Runtime.InteropServices.NativeLibrary.Load("libc.so.6"), "labs");
        using var heap = new CodeHeap(new() { Mode = CodeMode.DualMapped, Near = function, Reserve = 64 << 20 });
        AssertWithin(heap, function, Reach);
        using CodeBlock jump = heap.Emit(function, static (ref writer, target) =>
        {
            writer.WriteByte(0xE9); // jmp
            writer.WriteRelative32(target);
        });
        using FunctionLease<Func<long, long>> labs = jump.Function<Func<long, long>>();
        Assert.Equal(1L << 40, labs.Invoke(-1L << 40));
    }

    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_reach_of_ones_own_is_kept(CodeMode mode)
    {
        nuint place = Witness.Lonely;
        using var heap = new CodeHeap(new() { Mode = mode, Near = place, Reach = 1 << 20, Reserve = 1 << 20 });
        AssertWithin(heap, place, 1 << 20);
    }

    /// <summary>The best place is taken: the middle of the heap on the address, or as near to that as what is there lets it.</summary>
    [Fact]
    public void It_is_as_near_as_there_is_room()
    {
        nuint place = Witness.Lonely;
        const nuint Length = 1 << 20;
        using (var free = new CodeHeap(new() { Near = place, Reserve = Length }))
        {
            Assert.Equal(place - (Length / 2), free.Address);
        }

        using Pages<NoAccess> below = Pages.Allocate<NoAccess>(Length, new() { NearAddress = place - Length });
        using Pages<NoAccess> above = Pages.Allocate<NoAccess>(3 * Length, new() { NearAddress = place });
        using var beside = new CodeHeap(new() { Near = place, Reserve = Length });
        Assert.Equal(place - (2 * Length), beside.Address);
    }

    [Fact]
    public void Where_nothing_is_near_enough_the_error_says_how_near_it_came()
    {
        nuint place = Witness.Lonely;
        const nuint Length = 1 << 20;
        using Pages<NoAccess> taken = Pages.Allocate<NoAccess>(4 * Length, new() { NearAddress = place });
        nuint near = place + (2 * Length);
        int before = SystemMap.Count();
        var refused = Assert.Throws<MemoryPagesException>(() => new CodeHeap(new() { Near = near, Reach = 2 * Length, Reserve = Length }));
        Assert.Equal(ErrorReason.AddressSpaceLimit, refused.Reason);
        Assert.Contains("within 2,097,152", refused.Message);
        Assert.Matches($"The nearest are at 0x({place - Length:x}|{place + (4 * Length):x}), and reach {3 * Length:N0} from it", refused.Message);
        Assert.InRange(SystemMap.Count(), before - 3, before + 3);
        using var longer = new CodeHeap(new() { Near = near, Reach = 3 * Length, Reserve = Length });
        AssertWithin(longer, near, 3 * Length);
    }

    [Fact]
    public void Wishes_out_of_their_bounds_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeHeap(new() { Reserve = ((nuint)1 << 30) + 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeHeap(new() { Reserve = nuint.MaxValue }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeHeap(new() { Mode = (CodeMode)7 }));
        foreach (nuint alignment in new nuint[] { 1, 8, 24, 2 * PageSize.Base, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new CodeHeap(new() { Alignment = alignment }));
        }

        foreach (nuint near in new[] { nuint.MaxValue, (nuint)1 << 63 })
        {
            Assert.Throws<MemoryPagesException>(() => new CodeHeap(new() { Near = near }));
        }
    }

    [Fact]
    public void A_heap_without_wishes_holds_16_mebibytes()
    {
        using var heap = new CodeHeap();
        Assert.Equal((CodeMode.Flipped, (nuint)16 << 20, 0u, (string?)null, false), (heap.Mode, heap.Length, heap.UsedBytes, heap.Name, heap.IsSealed));
        using var largest = new CodeHeap(new() { Mode = CodeMode.DualMapped, Reserve = 1 << 30 });
        Assert.Equal((nuint)1 << 30, largest.Length);
    }

    private static void AssertWithin(CodeHeap heap, nuint place, nuint reach)
    {
        nuint end = heap.Address + heap.Length;
        Assert.True(place > heap.Address ? place - heap.Address <= reach : true, $"0x{heap.Address:x} is far below 0x{place:x}");
        Assert.True(end > place ? end - place <= reach : true, $"0x{end:x} is far above 0x{place:x}");
    }
}
