using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Effects;

/// <summary>Names, leak reports, and what the processor really enforces.</summary>
public sealed unsafe class NameTests
{
    private static bool KernelTakesNames
    {
        get
        {
            const int SetVma = 0x53564d41;
            nint page = Kernel.Map(0, PageSize.Base, 3, Kernel.PrivateAnonymous, -1, 0);
            fixed (byte* name = "test\0"u8)
            {
                bool taken = Kernel.ProcessControl(SetVma, 0, page, (nint)PageSize.Base, (nint)name) == 0;
                _ = Kernel.Unmap(page, PageSize.Base);
                return taken;
            }
        }
    }

    [Fact]
    public void NamesSupported_is_the_kernels_own_answer() => Assert.Equal(KernelTakesNames, Pages.NamesSupported);

    [Theory]
    [InlineData("ledger", "[anon:ledger]")]
    [InlineData("", null)]
    [InlineData("a b", "[anon:a_b]")]
    [InlineData("[x]$`\\", "[anon:_x____]")]
    [InlineData("line\nbreak\0and null", "[anon:line_break_and_null]")]
    [InlineData("größe 😀", null)]
    public void Any_name_is_taken_and_no_name_is_an_error(string name, string? shown)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { Name = name });
        Assert.Equal(name, pages.Name);
        string line = SystemMap.At((nuint)pages.DangerousPointer())!.Line;
        Assert.Equal(KernelTakesNames && shown is not null, shown is not null && line.EndsWith(shown));
        using Pages<ReadOnly> sealed_ = pages.DenyWrite();
        Assert.Equal(name, sealed_.Name);
    }

    [Fact]
    public void A_long_name_is_cut_for_the_kernel_and_kept_for_the_program()
    {
        string name = new('n', 5000);
        using Pages<ReadWrite> pages = Pages.Allocate(1, new() { Name = name });
        Assert.Equal(name, pages.Name);
        Assert.Equal(KernelTakesNames, SystemMap.At((nuint)pages.DangerousPointer())!.Line.EndsWith("[anon:" + new string('n', 79) + "]"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    public void A_leak_in_hardened_mode_is_reported_with_the_place_that_allocated(string hardened)
    {
        ScenarioResult result = Scenario.RunWith(new() { ["MEMORYPAGES_HARDENED"] = hardened }, [], "LeakReport");
        Assert.StartsWith("forgotten 3 True 0", result.Output);
        Assert.Equal(hardened == "1", result.Output.Contains("AllocateAndLose"));
    }

    [Theory]
    [InlineData("NoAccess")]
    [InlineData("ReadOnly")]
    [InlineData("ReadWrite")]
    [InlineData("WriteOnly")]
    [InlineData("ExecuteOnly")]
    [InlineData("ReadExecute")]
    public void The_effective_protection_is_what_a_child_that_tries_finds(string protection)
    {
        var effective = PageProtection.None;
        foreach ((PageProtection bit, string access) in (ReadOnlySpan<(PageProtection, string)>)[(PageProtection.Read, "Read"), (PageProtection.Write, "Write"), (PageProtection.Execute, "Execute")])
        {
            ScenarioResult result = Scenario.Run("TryAccess", protection, access);
            Assert.True(result.ExitCode == 0 || result.DiedOfBadAccess || result.DiedOfSignal, result.ToString());
            effective |= result.ExitCode == 0 ? bit : 0;
        }

        Assert.Equal(effective, protection switch
        {
            "NoAccess" => EffectiveOf<NoAccess>(),
            "ReadOnly" => EffectiveOf<ReadOnly>(),
            "ReadWrite" => EffectiveOf<ReadWrite>(),
            "WriteOnly" => EffectiveOf<WriteOnly>(),
            "ExecuteOnly" => EffectiveOf<ExecuteOnly>(),
            _ => EffectiveOf<ReadExecute>(),
        });
    }

    private static PageProtection EffectiveOf<TProtection>()
        where TProtection : struct, IProtection
    {
        using Pages<TProtection> pages = Pages.Allocate<TProtection>(1);
        return pages.EffectiveProtection;
    }
}
