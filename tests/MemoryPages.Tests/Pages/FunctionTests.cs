#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested

using System.Runtime.InteropServices;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>Machine code written at run time, run from pages. System V calls on x86-64.</summary>
public sealed unsafe class FunctionTests
{
    private static readonly byte[] s_add = [0x48, 0x8D, 0x04, 0x37, 0xC3]; // lea rax, [rdi + rsi]; ret
    private static readonly byte[] s_return = [0xC3];

    public FunctionTests() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "The machine code is for Linux on x86-64.");

    [Fact]
    public void All_256_by_256_additions_are_right()
    {
        using Pages<ReadExecute> code = Assemble(s_add);
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
            using Pages<ReadExecute> code = Assemble(HornerOf(count));
            using FunctionLease lease = code.DangerousFunction();
            long expected = Enumerable.Range(1, count).Aggregate(0L, (sum, i) => (sum * 3) + (i * 7));
            Assert.Equal(expected, Call(lease.Pointer, count));
        }
    }

    [Fact]
    public void Doubles_go_in_and_out()
    {
        using Pages<ReadExecute> code = Assemble([0xF2, 0x0F, 0x58, 0xC1, 0xF2, 0x0F, 0x59, 0xC2, 0xC3]); // addsd xmm0, xmm1; mulsd xmm0, xmm2; ret
        using FunctionLease lease = code.DangerousFunction();
        Assert.Equal(10.5, ((delegate* unmanaged<double, double, double, double>)lease.Pointer)(1.25, 2.25, 3));
    }

    [Fact]
    public void Structures_go_by_pointer()
    {
        using Pages<ReadExecute> code = Assemble([0x48, 0x8B, 0x07, 0x48, 0x03, 0x47, 0x08, 0x48, 0x89, 0x47, 0x10, 0xC3]); // third = first + second
        using FunctionLease lease = code.DangerousFunction();
        var numbers = new Numbers { First = 1L << 40, Second = 5 };
        ((delegate* unmanaged<Numbers*, void>)lease.Pointer)(&numbers);
        Assert.Equal((1L << 40) + 5, numbers.Third);
    }

    [Fact]
    public void Code_in_pages_can_call_back()
    {
        using Pages<ReadExecute> code = Assemble(
        [
            0x48, 0x83, 0xEC, 0x08, // sub rsp, 8: keeps the stack aligned
            0x48, 0x89, 0xF8,       // mov rax, rdi
            0x48, 0x89, 0xF7,       // mov rdi, rsi
            0xFF, 0xD0,             // call rax
            0x48, 0xFF, 0xC0,       // inc rax
            0x48, 0x83, 0xC4, 0x08, // add rsp, 8
            0xC3,
        ]);
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
        using Pages<ReadExecute> code = Assemble(s_return, at: (2 * Page) - 1);
        nuint address = AddressOf(code);
        foreach (nuint offset in new nuint[] { 0, 1, (2 * Page) - 1 })
        {
            using FunctionLease lease = code.DangerousFunction(offset);
            Assert.Equal(address + offset, (nuint)lease.Pointer);
        }

        using (FunctionLease last = code.DangerousFunction((2 * Page) - 1))
        {
            ((delegate* unmanaged<void>)last.Pointer)();
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
        using Pages<ExecuteOnly> code = Assemble(s_add).DenyRead();
        using FunctionLease lease = code.DangerousFunction();
        Assert.Equal("--xp", AccessOf(code));
        Assert.Equal(5UL, ((delegate* unmanaged<ulong, ulong, ulong>)lease.Pointer)(2, 3));
    }

    [Fact]
    public void While_a_function_is_held_its_pages_cannot_change_and_are_not_unmapped()
    {
        Pages<ReadExecute> code = Assemble(s_add);
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
        Pages<ReadExecute> code = Assemble(s_add);
        for (byte i = 0; i < 20; i++)
        {
            Pages<ReadWrite> data = code.AllowWriteDenyExecute();
            data.CopyFrom(0, [0xB8, i, 0, 0, 0, 0xC3]); // mov eax, i; ret
            code = data.AllowExecuteDenyWrite();
            using FunctionLease lease = code.DangerousFunction();
            Assert.Equal(i, ((delegate* unmanaged<int>)lease.Pointer)());
        }

        code.Dispose();
    }

    [Fact]
    public void A_scope_can_patch_code_that_nobody_holds()
    {
        using Pages<ReadExecute> code = Assemble([0xB8, 1, 0, 0, 0, 0xC3]);
        using (ProtectionScope<ReadWrite> scope = code.ProtectScope<ReadWrite>(new(1, 1)))
        using (WriteView view = scope.Write())
        {
            Assert.Throws<InvalidOperationException>(() => { using FunctionLease held = code.DangerousFunction(); });
            view[0] = 99;
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

    /// <summary>((a1 * 3 + a2) * 3 + a3)…: each argument counts differently, so that none can be taken for another.</summary>
    private static byte[] HornerOf(int count)
    {
        byte[][] addRegister = [[0x48, 0x01, 0xF8], [0x48, 0x01, 0xF0], [0x48, 0x01, 0xD0], [0x48, 0x01, 0xC8], [0x4C, 0x01, 0xC0], [0x4C, 0x01, 0xC8]];
        List<byte> code = [0x31, 0xC0]; // xor eax, eax
        for (int i = 0; i < count; i++)
        {
            code.AddRange([0x48, 0x8D, 0x04, 0x40]); // lea rax, [rax + rax * 2]
            code.AddRange(i < addRegister.Length ? addRegister[i] : [0x48, 0x03, 0x44, 0x24, (byte)(8 * (i - 5))]); // add rax, [rsp + …], above the return address
        }

        return [.. code, 0xC3];
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
