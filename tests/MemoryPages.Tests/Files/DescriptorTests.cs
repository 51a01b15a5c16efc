#pragma warning disable MP1007 // what is refused needs no end

using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Mapping by the bare number of a descriptor: it is the caller's before and after.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class DescriptorTests
{
    public DescriptorTests() => Needed.Call("dup");

    private const int ReadAndWrite = 2;

    [Fact]
    public void Each_kind_of_pages_comes_from_a_descriptor_that_stays_open()
    {
        using var file = new TempFile(5000);
        int descriptor = Kernel.Open(file.Path, ReadAndWrite, 0);
        Assert.True(descriptor > 0);
        try
        {
            var options = new FileMapOptions { Offset = 10, Length = 4500 };
            using Pages<ReadOnly> readOnly = Pages.DangerousMap(descriptor, options);
            using Pages<ReadWrite> shared = Pages.DangerousMapShared(descriptor, options);
            using Pages<ReadWrite> copy = Pages.DangerousMapCopyOnWrite<ReadWrite>(descriptor, options);
            using Pages<ReadExecute> code = Pages.DangerousMapExecutable(descriptor, options);
            SystemMap[] regions = [RegionOf(readOnly), RegionOf(shared), RegionOf(copy), RegionOf(code)];
            Assert.Equal(["r--s", "rw-s", "rw-p", "r-xs"], regions.Select(region => region.Access));
            Assert.All(new[] { readOnly.Length, shared.Length, copy.Length, code.Length }, length => Assert.Equal(4500u, length));
            shared.Write(0, (byte)99);
            Assert.Equal((99, 99, 99), (readOnly.Read<byte>(0), copy.Read<byte>(0), code.Read<byte>(0)));
            Assert.Equal(99, file.Content[10]);
        }
        finally
        {
            Assert.Equal(0, Kernel.Close(descriptor)); // it was open still
        }
    }

    [Fact]
    public void The_address_shows_the_files_bytes()
    {
        using var file = new TempFile(6);
        using Pages<ReadOnly> readOnly = Pages.Map(file.Path);
        using Pages<ReadWrite> shared = Pages.MapShared(file.Path);
        Assert.Equal((6u, 6u), (readOnly.Length, shared.Length));
        Assert.Equal((Pattern.At(0), Pattern.At(5)), (*readOnly.DangerousPointer(), shared.DangerousPointer()[5]));
        *shared.DangerousPointer(3) = 0xEE;
        shared.Flush();
        Assert.Equal((0xEE, 0xEE), (readOnly.DangerousPointer()[3], file.Content[3]));
    }

    [Fact]
    public void The_pages_do_not_need_the_descriptor()
    {
        using var file = new TempFile(100);
        int descriptor = Kernel.Open(file.Path, 0, 0);
        using Pages<ReadOnly> pages = Pages.DangerousMap(descriptor);
        Assert.Equal(0, Kernel.Close(descriptor));
        Assert.Equal(Pattern.At(99), pages.Read<byte>(99));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void A_number_that_is_no_open_descriptor_is_said(int descriptor)
    {
        foreach (Action map in (Action[])
            [() => Pages.DangerousMap(descriptor), () => Pages.DangerousMapShared(descriptor),
             () => Pages.DangerousMapCopyOnWrite<ReadOnly>(descriptor), () => Pages.DangerousMapExecutable(descriptor)])
        {
            var refused = Assert.Throws<MemoryPagesException>(map);
            Assert.Equal((ErrorReason.Other, "EBADF"), (refused.Reason, refused.ErrorSymbol));
            Assert.Contains("somebody closed it", refused.Hint);
        }
    }
}
