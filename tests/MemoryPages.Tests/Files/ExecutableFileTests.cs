#pragma warning disable MP1002 // transitions are refused on purpose
#pragma warning disable MP1007 // mappings are refused on purpose: there is nothing to dispose

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>Code that comes from a file. System V calls on x86-64.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class ExecutableFileTests
{
    private static readonly byte[] s_code = [0xB8, 0xAB, 0, 0, 0, 0xC3]; // mov eax, 0xAB; ret

    [Fact]
    public void A_files_code_runs_and_cannot_be_written()
    {
        Needed.Call("chmod");
        using TempFile file = OfCode();
        File.SetUnixFileMode(file.Path, UnixFileMode.UserRead); // reading is enough, also to run it
        using Pages<ReadExecute> code = Pages.MapExecutable(file.Path);
        using SafeFileHandle handle = File.OpenHandle(file.Path);
        using Pages<ReadExecute> ofHandle = Pages.MapExecutable(handle);
        Assert.Equal((0xAB, 0xAB), (Run(code), Run(ofHandle)));
        Assert.Equal("r-xs", RegionOf(code).Access);
        Assert.False(code.IsCopyOnWrite);

        var refused = Assert.Throws<MemoryPagesException>(() => code.AllowWriteDenyExecute());
        Assert.Equal((ErrorReason.AccessDenied, Witness.ProtectCall, Witness.NoSuchProtection), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
        Assert.Contains("MapCopyOnWrite", refused.Hint);
        Assert.Equal(0xAB, Run(code));
    }

    [Fact]
    public void A_part_that_begins_within_a_page_runs()
    {
        using var file = new TempFile(0);
        File.WriteAllBytes(file.Path, [.. new byte[5000], .. s_code]);
        using Pages<ReadExecute> code = Pages.MapExecutable(file.Path, new() { Offset = 5000 });
        Assert.Equal(6u, code.Length);
        Assert.Equal(0xAB, Run(code));
    }

    /// <summary>Two views of one file, neither of which is ever writable and executable: how a compiler writes code that runs meanwhile.</summary>
    [Fact]
    public void What_is_written_through_one_mapping_runs_in_the_other()
    {
        using TempFile file = OfCode();
        using Pages<ReadWrite> writable = Pages.MapShared(file.Path);
        using Pages<ReadExecute> code = Pages.MapExecutable(file.Path);
        Assert.Equal(0xAB, Run(code));
        writable.Write(1, (byte)0x17);
        Assert.Equal(0x17, Run(code));
    }

    [Fact]
    public void Shared_pages_that_were_written_turn_executable_and_the_file_has_the_code()
    {
        Needed.Call("mprotect");
        using var file = new TempFile(100);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path);
        pages.CopyFrom(0, s_code);
        using Pages<ReadExecute> code = pages.AllowExecuteDenyWrite();
        Assert.Equal(0xAB, Run(code));
        Assert.Equal(s_code, file.Content[..6]);
        using Pages<ReadOnly> data = code.DenyExecute();
        Assert.Equal("r--s", RegionOf(data).Access);
    }

    [Fact]
    public void A_private_copy_of_code_is_patched_and_the_file_is_not()
    {
        using TempFile file = OfCode();
        Pages<ReadExecute> code = Pages.MapCopyOnWrite<ReadExecute>(file.Path);
        Assert.Equal(0xAB, Run(code));
        Pages<ReadWrite> writable = code.AllowWriteDenyExecute();
        writable.Write(1, (byte)0x17);
        using Pages<ReadExecute> patched = writable.AllowExecuteDenyWrite();
        Assert.Equal(0x17, Run(patched));
        Assert.Equal(s_code, file.Content);
    }

    [Fact]
    public void Where_nothing_may_be_run_mapping_and_turning_executable_say_so()
    {
        using var mounted = new MountedFileSystem("size=1m", MountedFileSystem.NoExecution);
        string path = mounted.Write("code", s_code);
        AssertForbidden("mmap", "EPERM", () => Pages.MapExecutable(path));
        AssertForbidden("mmap", "EPERM", () => Pages.MapCopyOnWrite<ReadExecute>(path));
        using Pages<ReadOnly> pages = Pages.Map(path);
        using Pages<ReadWrite> shared = Pages.MapShared(path);
        using Pages<ReadWrite> copy = Pages.MapCopyOnWrite(path);
        AssertForbidden("mprotect", "EACCES", () => pages.AllowExecute());
        AssertForbidden("mprotect", "EACCES", () => shared.AllowExecuteDenyWrite());
        AssertForbidden("mprotect", "EACCES", () => copy.AllowExecuteDenyWrite());
        AssertForbidden("mprotect", "EACCES", () =>
        {
            using ProtectionScope<ReadExecute> scope = copy.ProtectScope<ReadExecute>(new PageRange(0, 1));
        });
        copy.Write(0, (byte)1);
        Assert.Equal((0xB8, 0xB8), (pages.Read<byte>(0), shared.Read<byte>(0)));

        static void AssertForbidden(string call, string symbol, Action act)
        {
            var refused = Assert.Throws<MemoryPagesException>(act);
            Assert.Equal((ErrorReason.AccessDenied, call, symbol), (refused.Reason, refused.NativeCall, refused.ErrorSymbol));
            Assert.Contains("mounted noexec", refused.Hint);
        }
    }

    private static TempFile OfCode()
    {
        var file = new TempFile(0);
        File.WriteAllBytes(file.Path, s_code);
        return file;
    }

    private static int Run(Pages<ReadExecute> code)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The machine code is for x86-64.");
        using FunctionLease function = code.DangerousFunction();
        return ((delegate* unmanaged<int>)function.Pointer)();
    }
}
