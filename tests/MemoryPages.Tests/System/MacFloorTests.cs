using System.Runtime.InteropServices;
using MemoryPages.Platform;
using MemoryPages.Platform.MacOS;
using MemoryPages.Platform.MacOS.Native;
using MemoryPages.Unsafe;
using static MemoryPages.Platform.MacOS.Native.MachCalls;

namespace MemoryPages.Tests.Effects;

/// <summary>What of the macOS floor calls nothing: what it makes of the kernel's answers, which needs no Mac.</summary>
#pragma warning disable CA1416 // none of these members calls the system that it is written for
public sealed class MacFloorTests
{
    private static readonly nuint s_page = PageSize.Base;

    [Theory]
    [InlineData(KERN_SUCCESS, 0)]
    [InlineData(KERN_INVALID_ADDRESS, Errno.EFAULT)]
    [InlineData(KERN_PROTECTION_FAILURE, Errno.EACCES)]
    [InlineData(KERN_NO_ACCESS, Errno.EACCES)]
    [InlineData(KERN_NO_SPACE, Errno.ENOMEM)]
    [InlineData(KERN_RESOURCE_SHORTAGE, Errno.ENOMEM)]
    [InlineData(4, Errno.EINVAL)]
    public void What_Mach_returns_has_an_errno(int result, int errno)
    {
        SystemError error = MacErrors.OfMach("mach_vm_remap", result);
        Assert.Equal((errno == 0 ? null : "mach_vm_remap", errno), (error.Call, error.Code));
    }

    /// <summary>A region that begins before what was asked is cut; one that begins behind is told whole.</summary>
    [Fact]
    public void A_region_is_cut_to_where_it_was_asked_for()
    {
        Assert.Equal(((nuint)0x5000, (nuint)0x3000), MacRegions.From(0x5000, 0x4000, 0x4000));
        Assert.Equal(((nuint)0x4000, (nuint)0x4000), MacRegions.From(0x4000, 0x4000, 0x4000));
        Assert.Equal(((nuint)0x9000, (nuint)0x4000), MacRegions.From(0x4000, 0x9000, 0x4000));
    }

    [Theory]
    [InlineData(SM_PRIVATE, 0, false, MappingCalls.VM_INHERIT_COPY)]
    [InlineData(SM_PRIVATE, 1, true, MappingCalls.VM_INHERIT_SHARE)] // a file's, that nobody else maps
    [InlineData(SM_SHARED, 0, true, MappingCalls.VM_INHERIT_SHARE)]
    [InlineData(SM_TRUESHARED, 0, true, MappingCalls.VM_INHERIT_SHARE)]
    [InlineData(SM_PRIVATE_ALIASED, 0, true, MappingCalls.VM_INHERIT_SHARE)] // a ring
    [InlineData(SM_SHARED_ALIASED, 0, true, MappingCalls.VM_INHERIT_SHARE)]
    [InlineData(SM_LARGE_PAGE, 0, false, MappingCalls.VM_INHERIT_NONE)]
    [InlineData(1, 1, false, MappingCalls.VM_INHERIT_COPY)] // copied when it is written
    [InlineData(3, 0, false, MappingCalls.VM_INHERIT_COPY)] // never touched
    public void Who_has_a_region_besides_tells_what_a_child_gets_of_it(byte mode, byte pager, bool isShared, int inheritance)
    {
        var region = new RegionFacts { ShareMode = mode, ExternalPager = pager };
        Assert.Equal(isShared, MacRegions.IsShared(mode, pager));
        Assert.Equal(inheritance, MacAdvice.InheritanceOf(region));
    }

    [Fact]
    public void A_region_is_described_in_bytes()
    {
        var details = new RegionDetails
        {
            Protection = MappingCalls.PROT_READ | MappingCalls.PROT_WRITE, ShareMode = SM_PRIVATE, ExternalPager = 1,
            PagesResident = 3, PagesReusable = 2, UserWiredCount = 1,
        };
        Diagnostics.MemoryRegion region = MacRegions.Describe(details, 0x40000, 8 * s_page, "/tmp/file", s_page);
        Assert.Equal(
            (PageProtection.Read | PageProtection.Write, true, "/tmp/file", s_page),
            (region.Protection, region.IsShared, region.Name, region.PageSize));
        Assert.Equal((3 * s_page, 2 * s_page, 8 * s_page, true), (region.Resident, region.LazilyFree, region.Locked, region.IsLocked));
        Assert.StartsWith("40000-", region.Line);
        details = new RegionDetails { ShareMode = SM_LARGE_PAGE };
        Assert.Equal((nuint)(2 << 20), MacRegions.Describe(details, 0x40000, 2 << 20, "", s_page).PageSize);
        Assert.False(MacRegions.Describe(details, 0x40000, 2 << 20, "", s_page).IsLocked);
    }

    /// <summary>Each number at most once, and none that release kernels refuse.</summary>
    [Fact]
    public void Advice_is_given_by_its_own_number()
    {
        int?[] numbers = [.. Enum.GetValues<Advice>().Select(MacAdvice.NumberOf), .. Enum.GetValues<UncheckedAdvice>().Select(MacAdvice.NumberOf)];
        int[] known = [.. numbers.OfType<int>()];
        Assert.Equal(9, known.Length);
        Assert.Equal(known.Length, known.Distinct().Count());
        Assert.Null(MacAdvice.NumberOf(Advice.PageOut));
        Assert.Equal(MappingCalls.MADV_FREE_REUSABLE, MacAdvice.NumberOf(UncheckedAdvice.FreeReusable));
        Assert.Equal(MappingCalls.MADV_FREE_REUSE, MacAdvice.NumberOf(UncheckedAdvice.FreeReuse));
        Assert.Equal(MappingCalls.MADV_RANDOM, MacAdvice.NumberOf(VM_BEHAVIOR_RANDOM));
        Assert.Equal(MappingCalls.MADV_SEQUENTIAL, MacAdvice.NumberOf(VM_BEHAVIOR_SEQUENTIAL));
        Assert.Null(MacAdvice.NumberOf(0));
    }

    [Theory]
    [InlineData(FileCalls.S_IFREG | 0x1A4, FileKind.Regular)]
    [InlineData(0x180, FileKind.Regular)] // memory of shm_open: permissions and no kind
    [InlineData(FileCalls.S_IFDIR, FileKind.Directory)]
    [InlineData(FileCalls.S_IFIFO, FileKind.Pipe)]
    [InlineData(FileCalls.S_IFCHR, FileKind.CharacterDevice)]
    [InlineData(FileCalls.S_IFBLK, FileKind.BlockDevice)]
    [InlineData(FileCalls.S_IFSOCK, FileKind.Socket)]
    [InlineData(0xA000, FileKind.Other)]
    public void What_a_file_is_its_mode_tells(int mode, object kind) => Assert.Equal(kind, MacMemorySystem.KindOf((ushort)mode));

    [Theory]
    [InlineData("mlock", Errno.EAGAIN, ErrorReason.LockLimit, "vm.user_wire_limit")]
    [InlineData("mmap", Errno.ENOMEM, ErrorReason.AddressSpaceLimit, "ulimit -v")]
    [InlineData("mmap", Errno.ENODEV, ErrorReason.NotSupported, "cannot be mapped")]
    [InlineData("mprotect", Errno.EACCES, ErrorReason.AccessDenied, "com.apple.security.cs.allow-unsigned-executable-memory")]
    [InlineData("open", Errno.ENOENT, ErrorReason.NotFound, "no such file")]
    [InlineData("mach_vm_allocate", Errno.ENOMEM, ErrorReason.AddressSpaceLimit, "mayMove")]
    [InlineData("mach_vm_read_overwrite", Errno.EFAULT, ErrorReason.Unbacked, "accessed")]
    [InlineData("ftruncate", Errno.EINVAL, ErrorReason.NotSupported, "once")]
    [InlineData("fcntl", Errno.ENOSPC, ErrorReason.NoSpace, "full")]
    [InlineData("msync", Errno.EIO, ErrorReason.InputOutput, "failed")]
    [InlineData("madvise", Errno.EPERM, ErrorReason.AccessDenied, "written")]
    public void An_error_says_what_to_do(string call, int code, ErrorReason reason, string hint)
    {
        Diagnosis diagnosis = MacDiagnosis.Of(new SystemError(call, code), Operation("Protect") with { Wished = PageProtection.Execute });
        Assert.Equal(reason, diagnosis.Reason);
        Assert.Contains(hint, diagnosis.Hint);
    }

    /// <summary>What is refused without a call has a reason, and each its own.</summary>
    [Fact]
    public void What_it_does_not_have_it_gives_a_reason_for()
    {
        (string Operation, string Call)[] absent =
        [
            ("Discard", "mmap"), ("Lock", "mlock"), ("Remove", "fcntl"), ("Advise", "madvise"), ("Resize", "mach_vm_remap"),
            ("CreateNamed", "shm_open"), ("OpenOfProcess", "fileport_makefd"), ("Send", "sendmsg"), ("MapShared", "fcntl"), ("QueryCache", "mincore"), ("Reserve", "macOS"),
            ("Seal", "mprotect"),
            ("Allocate", "pthread_jit_write_protect_np"), ("Allocate", "mmap"),
        ];
        string?[] hints = [.. absent.Select(one => MacDiagnosis.Of(MacErrors.NotSupported(one.Call), Operation(one.Operation)).Hint)];
        Assert.All(absent, one =>
            Assert.Equal(ErrorReason.NotSupported, MacDiagnosis.Of(MacErrors.NotSupported(one.Call), Operation(one.Operation)).Reason));
        Assert.All(hints, Assert.NotNull);
        Assert.Equal(hints.Length, hints.Distinct().Count());
        string? otherwise = MacDiagnosis.Of(MacErrors.NotSupported("elsewhere"), Operation("Other")).Hint;
        Assert.False(hints.Contains(otherwise));
    }

    private static FailedOperation Operation(string name) => new(name, null, 0, s_page, s_page);
}
