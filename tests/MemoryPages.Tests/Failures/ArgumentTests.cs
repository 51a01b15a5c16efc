#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>What a caller gets wrong is the framework's own exceptions, with the name of the parameter.</summary>
public sealed class ArgumentTests
{
    [Fact]
    public void No_length_is_not_a_length()
    {
        AssertNames("length", () => Pages.Allocate(0));
        AssertNames("length", () => Pages.Allocate<NoAccess>(0));
        AssertNames("length", () => Pages.TryAllocate(0, out _));
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        AssertNames("length", () => pages.Resize(0));
        Assert.Equal(PageSize.Base, pages.Length);

        static void AssertNames(string parameter, Action act) => Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(act).ParamName);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4097)]
    public void An_alignment_is_a_power_of_two(int alignment)
    {
        AssertNames("options", () => Pages.Allocate(1, new() { Alignment = (nuint)alignment }));
        AssertNames("alignment", () => PageSize.AlignUp(1, (nuint)alignment));
        AssertNames("alignment", () => PageSize.AlignDown(1, (nuint)alignment));
        AssertNames("alignment", () => PageSize.IsAligned(1, (nuint)alignment));
        AssertNames("size", () => HugePages.Explicit((nuint)alignment));
    }

    [Fact]
    public void Options_that_contradict_themselves_are_named()
    {
        int before = SystemMap.Count();
        AssertNames("options", () => Pages.Allocate(1, new() { NoReserve = true, HugePages = HugePages.Explicit(PageSize.Base * 512) }));
        AssertNames("options", () => Pages.Allocate<NoAccess>(1, new() { Populate = true }));
        AssertNames("options", () => Pages.Allocate<ExecuteOnly>(1, new() { Populate = true }));
        AssertNames("options", () => Pages.MapCopyOnWrite<NoAccess>("/proc/self/exe", new() { Populate = true }));
        AssertNames("size", () => HugePages.Explicit(PageSize.Base));
        Assert.InRange(SystemMap.Count() - before, -20, 20);
    }

    [Fact]
    public void A_part_that_is_not_in_the_file_is_refused_and_the_file_closed()
    {
        using var file = new TemporaryFile(PageSize.Base + 1);
        int descriptors = Directory.GetFiles(Needed.File("/proc/self/fd")).Length;
        for (int i = 0; i < 50; i++)
        {
            AssertRefused(new() { Offset = -1 });
            AssertRefused(new() { Offset = long.MinValue });
            AssertRefused(new() { Offset = (long)PageSize.Base + 2 });
            AssertRefused(new() { Offset = long.MaxValue });
            AssertRefused(new() { Length = PageSize.Base + 2 });
            AssertRefused(new() { Offset = 1, Length = PageSize.Base + 1 });
            AssertRefused(new() { Offset = 1, Length = nuint.MaxValue });
        }

        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length, 0, descriptors + 25);

        void AssertRefused(FileMapOptions options)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Map(file.Path, options));
            Assert.Throws<ArgumentOutOfRangeException>(() => Pages.MapShared(file.Path, options));
            Assert.Throws<ArgumentOutOfRangeException>(() => Pages.MapCopyOnWrite(file.Path, options));
            Assert.Throws<ArgumentOutOfRangeException>(() => Pages.MapExecutable(file.Path, options));
        }
    }

    [Fact]
    public void Nothing_is_not_a_file_nor_pages()
    {
        AssertNames("path", () => Pages.Map((string)null!));
        AssertNames("path", () => Pages.MapShared((string)null!));
        AssertNames("path", () => Pages.MapCopyOnWrite((string)null!));
        AssertNames("path", () => Pages.MapExecutable("a\0b"));
        AssertNames("file", () => Pages.Map((Microsoft.Win32.SafeHandles.SafeFileHandle)null!));
        AssertNames("file", () => Pages.MapShared((Microsoft.Win32.SafeHandles.SafeFileHandle)null!));
        AssertNames("file", () => Pages.MapCopyOnWrite((Microsoft.Win32.SafeHandles.SafeFileHandle)null!));
        AssertNames("file", () => Pages.MapExecutable((Microsoft.Win32.SafeHandles.SafeFileHandle)null!));
        AssertNames("pages", () => MemoryMap.RegionsOf<ReadOnly>(null!));
    }

    [Fact]
    public void Files_that_cannot_be_opened_are_the_frameworks_errors()
    {
        Assert.Throws<FileNotFoundException>(() => Pages.Map("/no-such-file"));
        Assert.Throws<DirectoryNotFoundException>(() => Pages.Map("/no-such-folder/file"));
        Assert.Throws<ArgumentException>(() => Pages.Map(""));
    }

    [Fact]
    public void Room_for_too_few_answers_is_refused()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(2 * PageSize.Base);
        AssertNames("isResident", () => pages.CopyResidency(new bool[1]));
        AssertNames("isResident", () => pages.CopyResidency([], new PageRange(0, 1)));
        Assert.Equal(0u, pages.CopyResidency([], new PageRange(0, 0)));
    }

    /// <summary>A number that is no member of the enumeration must not reach the kernel as whatever it may be there.</summary>
    [Fact]
    public unsafe void Advice_that_does_not_exist_is_refused()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        pages.Write(0, 42);
        foreach (int number in new[] { -1, 4, 8, 100, 101, 102, int.MaxValue }.Where(n => !Enum.IsDefined((Advice)n)))
        {
            Assert.False(((Advice)number).IsSupported);
            Assert.NotNull(Record.Exception(() => pages.Advise((Advice)number)));
        }

        foreach (int number in new[] { -1, 24, 100, 101, int.MaxValue })
        {
            Assert.False(((UncheckedAdvice)number).IsSupported);
            Assert.NotNull(Record.Exception(() => pages.DangerousAdvise((UncheckedAdvice)number)));
        }

        Assert.Equal(42, pages.Read<int>(0));
    }

    [Fact]
    public void A_lock_mode_that_does_not_exist_is_refused()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        Assert.Equal("mode", Assert.ThrowsAny<ArgumentException>(() => pages.Lock((LockMode)99)).ParamName);
    }

    private static void AssertNames(string parameter, Action act) => Assert.Equal(parameter, Assert.ThrowsAny<ArgumentException>(act).ParamName);
}
