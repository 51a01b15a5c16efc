using System.Reflection;
using System.Runtime.CompilerServices;
using Iced.Intel;
using MemoryPages.Tests.Physical;

namespace MemoryPages.Tests.Allocators;

/// <summary>What an access through a box costs, read from the machine code: what one through a pointer does.</summary>
public sealed unsafe class BoxCodeTests
{
    private const MethodImplOptions Readable = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    [Theory]
    [InlineData(nameof(ReadValue), nameof(ReadPointer))]
    [InlineData(nameof(ReadValueOfClass), nameof(ReadPointer))]
    [InlineData(nameof(WriteValue), nameof(WritePointer))]
    [InlineData(nameof(SumFields), nameof(SumThroughPointer))]
    public void Value_is_the_machine_code_of_a_pointer(string box, string raw)
    {
        Assert.SkipUnless(JittedCode.CanBeRead, "This test reads code of x86-64.");
        string[] code = CodeOf(box);
        Assert.NotEmpty(code);
        Assert.Equal(CodeOf(raw), code);
    }

    /// <summary>If a comparison did not show, the test above would show nothing.</summary>
    [Fact]
    public void A_comparison_would_show()
    {
        Assert.SkipUnless(JittedCode.CanBeRead, "This test reads code of x86-64.");
        Assert.NotEqual(CodeOf(nameof(ReadPointer)), CodeOf(nameof(ReadChecked)));
    }

    private static string[] CodeOf(string method) =>
        [.. JittedCode.Of(typeof(BoxCodeTests).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!).Select(i => i.ToString())];

    [MethodImpl(Readable)]
    private static long ReadValue(in Box<Record> box) => box.Value.Second;

    [MethodImpl(Readable)]
    private static long ReadValueOfClass(in Box<Record, ArenaAllocator> box) => box.Value.Second;

    [MethodImpl(Readable)]
    private static long ReadPointer(Record** pointer) => (*pointer)->Second;

    [MethodImpl(Readable)]
    private static long ReadChecked(Record** pointer) => *pointer == null ? throw new InvalidOperationException() : (*pointer)->Second;

    [MethodImpl(Readable)]
    private static void WriteValue(in Box<Record> box, long value) => box.Value.Second = value;

    [MethodImpl(Readable)]
    private static void WritePointer(Record** pointer, long value) => (*pointer)->Second = value;

    [MethodImpl(Readable)]
    private static long SumFields(in Box<Record> box)
    {
        ref Record value = ref box.Value;
        return value.First + value.Second;
    }

    [MethodImpl(Readable)]
    private static long SumThroughPointer(Record** pointer)
    {
        ref Record value = ref **pointer;
        return value.First + value.Second;
    }

    private struct Record
    {
        public long First;
        public long Second;
    }
}
