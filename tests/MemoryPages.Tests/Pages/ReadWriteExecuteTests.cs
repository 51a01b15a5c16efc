#pragma warning disable MP1010 // the type itself is tested

using System.Runtime.InteropServices;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

public sealed class ReadWriteExecuteTests
{
    [Theory]
    [InlineData("using var p = Pages.Allocate<ReadWriteExecute>(1);")]
    [InlineData("using var p = Pages.Allocate(1).Protect<ReadWriteExecute>();")]
    [InlineData("using var p = Pages.Allocate(1); using var s = p.ProtectScope<ReadWriteExecute>(new(0, 1));")]
    [InlineData("System.Type t = typeof(ReadWriteExecute);")]
    public void Naming_it_is_an_error_until_that_is_suppressed(string statements)
    {
        string error = Assert.Single(Snippet.Errors(statements));
        Assert.StartsWith("MPUNSAFE001: ", error);
        Assert.Contains("ReadWriteExecute", error);
        Assert.Empty(Snippet.Errors("\n#pragma warning disable MPUNSAFE001 // patches itself while it runs\n" + statements));
    }

    [Fact]
    public void It_is_not_to_be_had_without_the_unsafe_namespace() =>
        Assert.Contains("CS0246", Assert.Single(Snippet.ErrorsOf("MemoryPages.Pages.Allocate<MemoryPages.ReadOnly>(1); ReadWriteExecute x;")));

    [Fact]
    public unsafe void Once_suppressed_its_pages_can_be_written_and_run_at_once()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The machine code is x86-64's.");
#pragma warning disable MPUNSAFE001 // what this test is about
        using Pages<ReadWriteExecute> pages = Pages.Allocate<ReadWriteExecute>(1);
#pragma warning restore MPUNSAFE001
        Assert.Equal("rwxp", AccessOf(pages));
        using FunctionLease function = pages.DangerousFunction();
        var call = (delegate* unmanaged<int>)function.Pointer;
        using WriteView view = pages.Write();
        for (byte i = 1; i < 100; i++)
        {
            new byte[] { 0xB8, i, 0, 0, 0, 0xC3 }.CopyTo(view.Span); // mov eax, i; ret
            Assert.Equal(i, call());
        }
    }

    [Fact]
    public void Leaving_it_takes_the_permission_away()
    {
#pragma warning disable MPUNSAFE001
        Pages<ReadWriteExecute> pages = Pages.Allocate<ReadWrite>(1).Protect<ReadWriteExecute>();
#pragma warning restore MPUNSAFE001
        Assert.Equal("rwxp", AccessOf(pages));
        using Pages<ReadExecute> tame = pages.Protect<ReadExecute>();
        Assert.Equal("r-xp", AccessOf(tame));
    }
}
