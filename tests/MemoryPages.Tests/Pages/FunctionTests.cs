#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using System.Runtime.InteropServices;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>Machine code written at run time, run from pages.</summary>
public sealed unsafe class FunctionTests
{
    public FunctionTests() => Assert.SkipUnless(MachineCode.IsKnown, "There is no machine code for this processor.");

    [Fact]
    public void All_256_by_256_additions_are_right()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.Add);
        using FunctionLease lease = code.DangerousFunction();
        var add = (delegate* unmanaged<ulong, ulong, ulong>)lease.Pointer;
        for (ulong a = 0; a < 256; a++)
        {
            for (ulong b = 0; b < 256; b++)
            {
                Assert.Equal(a + b, add(a, b));
            }
        }

        Assert.Equal(77UL, add(43, 34));
        Assert.Equal(1UL, add(ulong.MaxValue, 2));
    }

    [Fact]
    public void Functions_take_none_to_sixteen_arguments_each_in_its_place()
    {
        for (int count = 0; count <= 16; count++)
        {
            using Pages<ReadExecute> code = Assemble(MachineCode.HornerOf(count));
            using FunctionLease lease = code.DangerousFunction();
            long expected = Enumerable.Range(1, count).Aggregate(0L, (sum, i) => (sum * 3) + (i * 7));
            Assert.Equal(expected, Call(lease.Pointer, count));
        }
    }

    [Fact]
    public void A_lease_that_knows_the_signature_is_called_by_it()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.HornerOf(3), at: 64);
        using FunctionLease<Func<long, long, long, long>> typed = code.Function<Func<long, long, long, long>>(64);
        Assert.Equal(1, code.LeaseCount);
        Assert.Equal((((7 * 3) + 14) * 3) + 21, typed.Invoke(7, 14, 21));
        Assert.Equal(AddressOf(code) + 64, (nuint)typed.Pointer);
        Assert.Throws<ArgumentOutOfRangeException>(() => { using var outside = code.Function<Action>(code.Length); });
        Assert.Equal(1, code.LeaseCount);
    }

    [Fact]
    public void Doubles_go_in_and_out()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.AddThenMultiply);
        using FunctionLease lease = code.DangerousFunction();
        Assert.Equal(10.5, ((delegate* unmanaged<double, double, double, double>)lease.Pointer)(1.25, 2.25, 3));
    }

    [Fact]
    public void Structures_go_by_pointer()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.StoreSum);
        using FunctionLease lease = code.DangerousFunction();
        var numbers = new Numbers { First = 1L << 40, Second = 5 };
        ((delegate* unmanaged<Numbers*, void>)lease.Pointer)(&numbers);
        Assert.Equal((1L << 40) + 5, numbers.Third);
    }

    [Fact]
    public void Code_in_pages_can_call_back()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.CallBack);
        using FunctionLease lease = code.DangerousFunction();
        delegate* unmanaged<long, long> managed = &Triple;
        Assert.Equal(43, ((delegate* unmanaged<delegate* unmanaged<long, long>, long, long>)lease.Pointer)(managed, 14));

        [UnmanagedCallersOnly]
        static long Triple(long value)
        {
            GC.Collect(); // the collector walks past the frame that it knows nothing of
            return value * 3;
        }
    }

    [Fact]
    public void A_function_may_begin_at_any_byte_of_the_pages_and_no_other()
    {
        nuint last = (2 * Page) - (nuint)MachineCode.Return.Length;
        using Pages<ReadExecute> code = Assemble(MachineCode.Return, at: last);
        nuint address = AddressOf(code);
        foreach (nuint offset in new nuint[] { 0, 1, (2 * Page) - 1 })
        {
            using FunctionLease lease = code.DangerousFunction(offset);
            Assert.Equal(address + offset, (nuint)lease.Pointer);
        }

        using (FunctionLease atTheEnd = code.DangerousFunction(last))
        {
            ((delegate* unmanaged<void>)atTheEnd.Pointer)();
        }

        foreach (nuint offset in new[] { 2 * Page, (2 * Page) + 1, (nuint)1 << 63, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { using FunctionLease lease = code.DangerousFunction(offset); });
            Assert.Throws<ArgumentOutOfRangeException>(() => code.DangerousPointer(offset));
        }

        Assert.Equal(0, code.LeaseCount);
    }

    [Fact]
    public void Pages_that_can_only_be_run_run()
    {
        using Pages<ExecuteOnly> code = Assemble(MachineCode.Add).DenyRead();
        using FunctionLease lease = code.DangerousFunction();
        Assert.Equal("--xp", AccessOf(code));
        Assert.Equal(5UL, ((delegate* unmanaged<ulong, ulong, ulong>)lease.Pointer)(2, 3));
    }

    [Fact]
    public void While_a_function_is_held_its_pages_cannot_change_and_are_not_unmapped()
    {
        Pages<ReadExecute> code = Assemble(MachineCode.Add);
        nuint address = AddressOf(code);
        using (FunctionLease lease = code.DangerousFunction())
        {
            var add = (delegate* unmanaged<ulong, ulong, ulong>)lease.Pointer;
            Assert.Equal(1, code.LeaseCount);
            Assert.Throws<InvalidOperationException>(() => code.AllowWriteDenyExecute());
            Assert.Throws<InvalidOperationException>(() => code.Resize(Page, mayMove: true));
            Assert.Throws<InvalidOperationException>(() => { using ProtectionScope<ReadWrite> scope = code.ProtectScope<ReadWrite>(new(0, 1)); });
            code.Dispose();
            Assert.Throws<ObjectDisposedException>(() => { using FunctionLease second = code.DangerousFunction(); });
            Assert.Equal("r-xp", AccessAt(address, 2 * Page));
            Assert.Equal(5UL, add(2, 3));
        }

        Assert.False(IsMapped(address));
    }

    [Fact]
    public void Code_that_was_rewritten_runs_as_rewritten()
    {
        Pages<ReadExecute> code = Assemble(MachineCode.Add);
        for (byte i = 0; i < 20; i++)
        {
            Pages<ReadWrite> data = code.AllowWriteDenyExecute();
            data.CopyFrom(0, MachineCode.Constant(i));
            code = data.AllowExecuteDenyWrite();
            using FunctionLease lease = code.DangerousFunction();
            Assert.Equal(i, ((delegate* unmanaged<int>)lease.Pointer)());
        }

        code.Dispose();
    }

    [Fact]
    public void A_scope_can_patch_code_that_nobody_holds()
    {
        using Pages<ReadExecute> code = Assemble(MachineCode.Constant(1));
        using (ProtectionScope<ReadWrite> scope = code.ProtectScope<ReadWrite>(new(0, Page)))
        using (WriteView view = scope.Write())
        {
            Assert.Throws<InvalidOperationException>(() => { using FunctionLease held = code.DangerousFunction(); });
            MachineCode.Constant(99).CopyTo(view.Span);
        }

        using FunctionLease lease = code.DangerousFunction();
        Assert.Equal(99, ((delegate* unmanaged<int>)lease.Pointer)());
    }

    private static Pages<ReadExecute> Assemble(ReadOnlySpan<byte> machineCode, nuint at = 0)
    {
        Pages<ReadWrite> pages = AllocateLonely(2 * Page);
        pages.CopyFrom(at, machineCode);
        return pages.AllowExecuteDenyWrite();
    }

    private static long Call(void* f, int count) => count switch
    {
        0 => ((delegate* unmanaged<long>)f)(),
        1 => ((delegate* unmanaged<long, long>)f)(7),
        2 => ((delegate* unmanaged<long, long, long>)f)(7, 14),
        3 => ((delegate* unmanaged<long, long, long, long>)f)(7, 14, 21),
        4 => ((delegate* unmanaged<long, long, long, long, long>)f)(7, 14, 21, 28),
        5 => ((delegate* unmanaged<long, long, long, long, long, long>)f)(7, 14, 21, 28, 35),
        6 => ((delegate* unmanaged<long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42),
        7 => ((delegate* unmanaged<long, long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42, 49),
        8 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42, 49, 56),
        9 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42, 49, 56, 63),
        10 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42, 49, 56, 63, 70),
        11 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long>)f)(7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77),
        12 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long, long>)f)(
            7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84),
        13 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long, long, long>)f)(
            7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91),
        14 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long, long, long, long>)f)(
            7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98),
        15 => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long>)f)(
            7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105),
        _ => ((delegate* unmanaged<long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long>)f)(
            7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105, 112),
    };

    private struct Numbers
    {
        public long First;
        public long Second;
        public long Third;
    }
}
