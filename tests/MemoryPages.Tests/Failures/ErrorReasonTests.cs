#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using System.Globalization;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>Each kind of error, provoked for real where the machine can; and what holds for the text of all of them.</summary>
public sealed partial class ErrorReasonTests
{
    /// <summary>How each kind comes about. A new kind without an entry fails the test of completeness below.</summary>
    private static readonly Dictionary<ErrorReason, Action> s_provocations = new()
    {
        [ErrorReason.Other] = () => Refused(Mprotect, EINVAL, pages => pages.Protect<ReadOnly>()),
        [ErrorReason.OutOfMemory] = () => Refused(Mprotect, ENOMEM, pages => pages.Protect<ReadOnly>()),
        [ErrorReason.AddressSpaceLimit] = () => Pages.Allocate((nuint)1 << 62),
        [ErrorReason.NoHugePages] = () => Pages.Allocate(1, new() { HugePages = HugePages.Explicit(PageSize.Base * 2) }),
        [ErrorReason.AccessDenied] = MakeReadOnlyFileWritable,
        [ErrorReason.NotSupported] = OfferLockedPages,
        [ErrorReason.Unbacked] = PrefaultBeyondTheFile,
        [ErrorReason.NotFound] = () => throw Assert.Throws<FileNotFoundException>(() => Pages.Map("/no-such-file")).InnerException!,
        [ErrorReason.InputOutput] = () => Refused(Mprotect, EIO, pages => pages.Protect<ReadOnly>()),
        [ErrorReason.NoSpace] = () => GrowFile(ENOSPC),
        [ErrorReason.FileSizeLimit] = () => GrowFile(EFBIG),
        [ErrorReason.AlreadyExists] = MakeNameTwice,
        [ErrorReason.Sealed] = () => SharedMemory.Create(1, new() { Seals = SharedMemorySeals.Seal }).AddSeals(SharedMemorySeals.Length),
    };

    /// <summary>These take a process of their own, the whole machine, a privilege, or a device.</summary>
    private static readonly ErrorReason[] s_elsewhere = [ErrorReason.TooManyMappings, ErrorReason.LockLimit, ErrorReason.CommitLimit, ErrorReason.NoSuchFrames, ErrorReason.Busy];

    public static TheoryData<ErrorReason> Reasons => [.. s_provocations.Keys];

    [Fact]
    public void Every_kind_of_error_is_provoked() =>
        Assert.Equal(Enum.GetValues<ErrorReason>().Order(), s_provocations.Keys.Concat(s_elsewhere).Order());

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_kind_is_told_as_that_kind(ErrorReason reason) => Assert.Equal(reason, Provoke(reason).Reason);

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Errors_are_input_output_exceptions_with_the_systems_number(ErrorReason reason)
    {
        MemoryPagesException told = Provoke(reason);
        Assert.IsAssignableFrom<IOException>(told);
        Assert.NotEqual(0, told.ErrorCode);
        Assert.Equal(told.ErrorCode, told.HResult);
    }

    /// <summary>With digits grouped and negative numbers written in a way that no one else does: if the text follows the culture, it shows.</summary>
    [Theory]
    [MemberData(nameof(Reasons))]
    public void The_text_does_not_follow_the_culture(ErrorReason reason)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string text = Told();
        var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        strange.NumberFormat.NumberGroupSeparator = "~";
        strange.NumberFormat.NumberGroupSizes = [2];
        strange.NumberFormat.NumberDecimalSeparator = "!";
        CultureInfo.CurrentCulture = strange;
        CultureInfo.DefaultThreadCurrentCulture = strange;
        try
        {
            Assert.Equal("1~00", 100.ToString("N0", CultureInfo.CurrentCulture)); // the check can fail
            string inStrange = Told();
            Assert.DoesNotContain('~', inStrange);
            Assert.Equal(text, inStrange);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            CultureInfo.DefaultThreadCurrentCulture = null;
        }

        // Addresses and counters differ from one time to the next; how they are written does not.
        string Told() => System.Text.RegularExpressions.Regex.Replace(Provoke(reason).Message, @"'[^']*'|0x[0-9a-f]+|\d+ (free|of)|wanted; .*", "#");
    }

    /// <summary>The path or the name that the caller gave.</summary>
    [System.Text.RegularExpressions.GeneratedRegex("'[^']*'")]
    private static partial System.Text.RegularExpressions.Regex UserNamed();

    [Theory]
    [MemberData(nameof(Reasons))]
    public void The_text_does_not_name_this_machine_or_its_user(ErrorReason reason)
    {
        string[] words = UserNamed().Replace(Provoke(reason).Message, "").Split(' ', ',', '.', ':', ';', '/', '(', ')', '\'');
        Assert.DoesNotContain(Environment.MachineName, words);
        Assert.DoesNotContain(Path.GetTempPath().Trim('/'), words);
        if (Environment.UserName is not ("root" or "nobody")) // "As root: sysctl …" is advice
        {
            Assert.DoesNotContain(Environment.UserName, words);
        }
    }

    [Fact]
    public void More_than_the_machine_could_ever_keep_is_refused_with_a_way_out()
    {
        Assert.SkipWhen(File.ReadAllText(Needed.File("/proc/sys/vm/overcommit_memory")).Trim() == "1", "vm.overcommit_memory=1 promises anything.");
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Pages.Allocate((nuint)1 << 46));
        Assert.True(told.Reason is ErrorReason.OutOfMemory or ErrorReason.AddressSpaceLimit or ErrorReason.CommitLimit, told.ToString());
        Assert.Equal((nuint)1 << 46, told.Size);
        Assert.False(Pages.TryAllocate((nuint)1 << 46, out _));
    }

    [Fact]
    public void A_length_that_cannot_be_rounded_up_is_refused_by_the_system_not_by_overflow()
    {
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Pages.Allocate(nuint.MaxValue));
        Assert.Equal((ErrorReason.AddressSpaceLimit, Witness.OutOfMemory), (told.Reason, told.ErrorSymbol));
        Assert.Throws<MemoryPagesException>(() => Pages.Allocate(nuint.MaxValue, new() { Alignment = (nuint)1 << 40 }));
        Assert.Throws<MemoryPagesException>(() => Pages.Allocate(1, new() { Alignment = (nuint)1 << 63 }));
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        Assert.Throws<MemoryPagesException>(() => pages.Resize(nuint.MaxValue));
        Assert.Throws<MemoryPagesException>(() => pages.Resize(nuint.MaxValue, mayMove: true));
        Assert.Equal(PageSize.Base, pages.Length);
    }

    [Fact]
    public void Something_that_no_system_can_map_says_so()
    {
        const string Kernels = "/sys/kernel/mm/transparent_hugepage/enabled";
        Assert.SkipUnless(File.Exists(Kernels), $"There is no {Kernels}, a file that has a length and cannot be mapped.");
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Pages.Map(Kernels));
        Assert.Equal((ErrorReason.NotSupported, "ENODEV", "Map"), (told.Reason, told.ErrorSymbol, told.Operation));
        Assert.NotNull(told.Hint);
    }

    /// <summary>Those that the manual pages of the library's calls list.</summary>
    [Theory]
    [InlineData(1, "EPERM")]
    [InlineData(2, "ENOENT")]
    [InlineData(5, "EIO")]
    [InlineData(6, "ENXIO")]
    [InlineData(9, "EBADF")]
    [InlineData(11, "EAGAIN")]
    [InlineData(12, "ENOMEM")]
    [InlineData(13, "EACCES")]
    [InlineData(14, "EFAULT")]
    [InlineData(16, "EBUSY")]
    [InlineData(17, "EEXIST")]
    [InlineData(19, "ENODEV")]
    [InlineData(20, "ENOTDIR")]
    [InlineData(21, "EISDIR")]
    [InlineData(22, "EINVAL")]
    [InlineData(23, "ENFILE")]
    [InlineData(26, "ETXTBSY")]
    [InlineData(27, "EFBIG")]
    [InlineData(28, "ENOSPC")]
    [InlineData(29, "ESPIPE")]
    [InlineData(30, "EROFS")]
    [InlineData(36, "ENAMETOOLONG")]
    [InlineData(40, "ELOOP")]
    [InlineData(38, "ENOSYS")]
    [InlineData(75, "EOVERFLOW")]
    [InlineData(95, "EOPNOTSUPP")]
    [InlineData(122, "EDQUOT")]
    [InlineData(133, "EHWPOISON")]
    public void Each_error_number_has_its_symbol(int error, string symbol)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => Refused(Mprotect, error, pages => pages.Protect<ReadOnly>()));
        Assert.Equal((error, symbol), (told.ErrorCode, told.ErrorSymbol));
        Assert.Contains($"said {symbol} ({error})", told.Message);
    }

    private static MemoryPagesException Provoke(ErrorReason reason)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        return Assert.Throws<MemoryPagesException>(s_provocations[reason]);
    }

    private static void Refused(int call, int error, Action<Pages<ReadWrite>> act)
    {
        using Pages<ReadWrite> pages = Pages.Allocate(RefusedCall.Length);
        During(() => act(pages), new FailingCall(call, error, RefusedCall.Length));
    }

    private static void GrowFile(int error)
    {
        using var file = new TemporaryFile(PageSize.Base);
        using SafeFileHandle handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.ReadWrite);
        During(() => Pages.MapShared(handle, RefusedCall.Length), new FailingCall(Fallocate, error, 0));
    }

    private static void MakeReadOnlyFileWritable()
    {
        using var file = new TemporaryFile(PageSize.Base);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        pages.AllowWrite();
    }

    private static void OfferLockedPages()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(1);
        pages.Lock();
        pages.Offer();
    }

    private static void PrefaultBeyondTheFile()
    {
        using var file = new TemporaryFile(3 * PageSize.Base);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        using (FileStream stream = File.OpenWrite(file.Path))
        {
            stream.SetLength(1);
        }

        pages.Prefault();
    }

    private static void MakeNameTwice()
    {
        using var first = SharedMemory.CreateNamed("memorypages-test-twice", 1);
        SharedMemory.CreateNamed("memorypages-test-twice", 1);
    }
}
