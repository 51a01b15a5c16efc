using System.Reflection;
using System.Runtime.CompilerServices;
using Iced.Intel;
using MemoryPages.Physical;

namespace MemoryPages.Tests.Physical;

/// <summary>What the processor is made to do for an access: read from the machine code, since no memory tells how wide it was read.</summary>
public sealed unsafe class RegisterCodeTests
{
    public RegisterCodeTests() => Needed.Linux("arguments in the registers of System V");

    private const MethodImplOptions Readable = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    [Theory]
    [InlineData("Read8", 1)]
    [InlineData("Read16", 2)]
    [InlineData("Read32", 4)]
    [InlineData("Read64", 8)]
    [InlineData("Write8", 1)]
    [InlineData("Write16", 2)]
    [InlineData("Write32", 4)]
    [InlineData("Write64", 8)]
    public void An_accessor_is_one_access_of_its_width(string accessor, int width)
    {
        Assert.SkipUnless(JittedCode.CanBeRead, "This test reads code of x86-64.");
        Instruction access = Assert.Single(JittedCode.Of(Accessor(accessor)), TouchesTheArgument);
        Assert.Equal(width, access.MemorySize.GetSize());
        Assert.Equal(accessor.StartsWith("Write"), access.Op0Kind == OpKind.Memory);
    }

    /// <summary>Without the accessors the JIT narrows: if this does not hold any more, the test below shows nothing.</summary>
    [Fact]
    public void A_volatile_read_with_a_mask_behind_it_is_narrowed_by_the_JIT()
    {
        Assert.SkipUnless(JittedCode.CanBeRead, "This test reads code of x86-64.");
        Assert.Contains(JittedCode.Of(Method(nameof(PollNaively))), i => TouchesTheArgument(i) && i.MemorySize.GetSize() == 1);
    }

    [Fact]
    public void A_loop_with_a_mask_reads_the_whole_register()
    {
        Assert.SkipUnless(JittedCode.CanBeRead, "This test reads code of x86-64.");
        List<Instruction> code = JittedCode.Of(Method(nameof(Poll)));
        ulong accessor = JittedCode.Entry(Accessor("Read64"));
        Assert.Single(code, i => i.Mnemonic == Mnemonic.Call && !i.IsCallFarIndirect && Leads(i, accessor));
        Assert.DoesNotContain(code, i => i.MemoryBase != Register.None && i.MemorySize.GetSize() is > 0 and < sizeof(int));

        static bool Leads(in Instruction call, ulong to) => (call.IsIPRelativeMemoryOperand || call.Op0Kind == OpKind.NearBranch64) && JittedCode.Target(call) == to;
    }

    [MethodImpl(Readable)]
    private static int PollNaively(ulong* register)
    {
        int turns = 0;
        while ((Volatile.Read(ref *register) & 1) != 0)
        {
            turns++;
        }

        return turns;
    }

    [MethodImpl(Readable)]
    private static int Poll(in RegisterView registers)
    {
        int turns = 0;
        while ((registers.Read64(0x98) & 1) != 0)
        {
            turns++;
        }

        return turns;
    }

    /// <summary>The address is the first argument of each accessor (System V: RDI).</summary>
    private static bool TouchesTheArgument(Instruction instruction) => instruction.MemoryBase == Register.RDI;

    private static MethodInfo Accessor(string name) => typeof(RegisterAccess).GetMethod(name)!;

    private static MethodInfo Method(string name) => typeof(RegisterCodeTests).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
}
