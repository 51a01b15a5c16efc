using MemoryPages.Diagnostics;
using MemoryPages.Platform.Linux;

namespace MemoryPages.Tests.Effects;

/// <summary>Where a program's addresses end, by what a process has mapped: the stacks are those of real machines.</summary>
public sealed class AddressSpaceTests
{
    [Theory]
    [InlineData(0x7ffd_1a2b_c000UL, 47)] // x86-64
    [InlineData(0xffff_f41d_6000UL, 48)] // arm64, pages of 4 or 64 KiB
    [InlineData(0x7fff_c9a3_0000UL, 47)] // arm64, pages of 16 KiB
    [InlineData(0x7f_d4a1_2000UL, 39)] // arm64 of small machines
    [InlineData(0xf_e0a1_0000UL, 36)]
    public void The_end_is_the_power_of_two_above_the_stack(ulong stack, int bits)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads Linux's list of mappings.");
        Assert.Equal((nuint)1 << bits, LinuxAddressSpace.EndOf([Region(1 << 20), Region((nuint)stack), Region(unchecked((nuint)0xffff_ffff_ff60_0000UL))]));
    }

    [Fact]
    public void Of_this_process_it_is_above_all_that_is_mapped_and_nothing_can_be_mapped_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads Linux's list of mappings.");
        nuint end = LinuxAddressSpace.End;
        Assert.Equal(Kernel.Failed, Kernel.Map((nint)end, PageSize.Base, 0, Kernel.PrivateAnonymous | Kernel.Fixed, -1, 0));
        Assert.NotEmpty(SystemMap.Between(end / 2, end));
    }

    private static MemoryRegion Region(nuint address) => new()
    {
        Address = address, Length = 16 * PageSize.Base, Protection = PageProtection.Read, IsShared = false, Name = "", Line = "",
    };
}
