using MemoryPages.Tests.Files;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>What memmap2's own tests ask of runnable memory and of changes of protection: docs/seed-tests.md names them one by one.</summary>
public sealed unsafe class MemmapCodeTests
{
    private const int Answer = 0xAB;

    public MemmapCodeTests() => RequireMachineCode();

    [Fact]
    public void Memory_runs_after_it_was_written() => AssertRuns(Pages.Allocate(1));

    [Fact]
    public void A_file_runs_after_it_was_written()
    {
        using var file = new TempFile(PageSize.Base);
        AssertRuns(Pages.MapShared(file.Path));
        Assert.Equal(MachineCode.Constant(Answer), file.Content[..MachineCode.Constant(Answer).Length]); // what ran is the file's
    }

    [Fact]
    public void A_file_goes_through_every_protection_and_keeps_what_was_written()
    {
        using var file = new TempFile(256);
        Pages<ReadWrite> writable = Pages.MapShared(file.Path).DenyWrite().AllowWrite();
        byte[] text = "abc123"u8.ToArray();
        writable.CopyFrom(0, text);
        writable.Flush();
        byte[] read = new byte[text.Length];
        writable.CopyTo(0, read);
        Assert.Equal(text, read);
        Assert.Equal(text, file.Content[..text.Length]);
        using (Pages<ReadOnly> second = Pages.Map(file.Path))
        {
            second.CopyTo(0, read);
            Assert.Equal(text, read);
        }

        using Pages<ReadExecute> executable = writable.AllowExecuteDenyWrite();
        Assert.Equal("r-xs", AccessAt(Witness.AddressOf(executable)));
    }

    [Fact]
    public void Memory_goes_through_every_protection()
    {
        using Pages<ReadExecute> executable = Pages.Allocate(256).DenyWrite().AllowWrite().AllowExecuteDenyWrite();
        Assert.Equal("r-xp", AccessAt(Witness.AddressOf(executable)));
    }

    private static void AssertRuns(Pages<ReadWrite> pages)
    {
        pages.CopyFrom(0, MachineCode.Constant(Answer));
        using Pages<ReadExecute> code = pages.AllowExecuteDenyWrite();
        using FunctionLease<Func<byte>> function = code.Function<Func<byte>>();
        Assert.Equal(Answer, function.Invoke());
    }
}
