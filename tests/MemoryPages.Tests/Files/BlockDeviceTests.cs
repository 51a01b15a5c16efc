#pragma warning disable MP1007 // mappings are refused on purpose: there is nothing to dispose

using System.Diagnostics;
using System.Runtime.Versioning;
using MemoryPages.Tests.Effects;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>A disk is a file with a length that fstat(2) does not tell: here a loop device over a file. Takes root.</summary>
[SupportedOSPlatform("linux")]
public sealed class BlockDeviceTests : IDisposable
{
    private static readonly nuint s_page = PageSize.Base;
    private readonly TempFile _file = new(40 * s_page);
    private readonly string? _device;

    public BlockDeviceTests()
    {
        Assert.SkipUnless(Kernel.IsRoot, "Only root may make loop devices.");
        Assert.SkipUnless(
            File.Exists("/usr/sbin/losetup") && File.Exists(Needed.File("/dev/loop-control")), "This system has no loop devices (losetup, /dev/loop-control).");
        (int code, string output) = Run("--find", "--show", _file.Path);
        Assert.SkipUnless(code == 0, "No loop device could be made here.");
        _device = output.Trim();
    }

    [Fact]
    public void Its_length_is_found_out_and_its_content_is_mapped()
    {
        using Pages<ReadOnly> all = Pages.Map(_device!);
        Assert.Equal(40 * s_page, all.Length);
        Assert.Equal(_file.Content, Bytes(all));

        using SafeFileHandle handle = File.OpenHandle(_device!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using Pages<ReadOnly> part = Pages.Map(handle, new() { Offset = 4321 });
        Assert.Equal((40 * s_page) - 4321, part.Length);
        Assert.Equal(_file.Content[4321..], Bytes(part));
    }

    [Fact]
    public void A_part_must_lie_within_it()
    {
        AssertOutside("Offset", new() { Offset = (long)(40 * s_page) + 1 });
        AssertOutside("Length", new() { Offset = 1, Length = 40 * s_page });
        using Pages<ReadOnly> none = Pages.Map(_device!, new() { Offset = (long)(40 * s_page) });
        Assert.Equal(0u, none.Length);

        void AssertOutside(string parameter, FileMapOptions options) =>
            Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Map(_device!, options)).ParamName);
    }

    [Fact]
    public void What_is_flushed_is_on_it_and_what_is_private_is_not()
    {
        using (Pages<ReadWrite> copy = Pages.MapCopyOnWrite(_device!))
        {
            copy.Write(0, (byte)0xEE);
        }

        using (Pages<ReadWrite> shared = Pages.MapShared(_device!, new() { Offset = 100, Length = 200 }))
        {
            shared.Write(50, (byte)0xDD);
            shared.Flush();
        }

        byte[] content = _file.Content;
        Assert.Equal((Pattern.At(0), 0xDD), (content[0], content[150]));
    }

    [Fact]
    public void One_that_does_not_tell_its_length_is_refused()
    {
        const int Ioctl = 16;
        Assert.SkipUnless(SystemCallFailure.IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        const nuint AskForLength = 0x80081272;
        var told = Assert.Throws<MemoryPagesException>(() =>
            SystemCallFailure.During(() => Pages.Map(_device!), new FailingCall(Ioctl, SystemCallFailure.EIO, AskForLength)));
        Assert.Equal(("ioctl", ErrorReason.InputOutput), (told.NativeCall, told.Reason));
        Assert.False(IsOpen(_device!));
    }

    public void Dispose()
    {
        if (_device is not null)
        {
            Assert.Equal(0, Run("--detach", _device).ExitCode);
        }

        _file.Dispose();
    }

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/sbin/losetup", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
