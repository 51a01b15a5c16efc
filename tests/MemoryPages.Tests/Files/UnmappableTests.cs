#pragma warning disable MP1007 // mappings are refused on purpose: there is nothing to dispose

using System.Net.Sockets;
using System.Runtime.Versioning;
using MemoryPages.Unsafe;
using static MemoryPages.Tests.Files.FileWitness;

namespace MemoryPages.Tests.Files;

/// <summary>What is in the file system and is no file with content: each is named, nothing waits, nothing stays open.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class UnmappableTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_directory_is_said_to_be_one()
    {
        string path = Directory.CreateTempSubdirectory("memorypages-").FullName;
        AssertRefused("ENODEV", "It is a directory", path, () => Pages.Map(path), () => Pages.MapCopyOnWrite(path), () => Pages.MapExecutable(path));
        AssertRefused("EISDIR", "It is a directory", path, () => Pages.MapShared(path));
        Directory.Delete(path);
    }

    /// <summary>Opening it in the usual way waits until somebody opens its other end: here that would be for ever.</summary>
    [Fact]
    public void A_named_pipe_is_said_to_be_one_without_waiting()
    {
        string path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
        Assert.Equal(0, Kernel.CreateNamedPipe(path, Convert.ToUInt32("600", 8)));
        try
        {
            Exception? wrong = null;
            Action[] maps = [() => Pages.Map(path), () => Pages.MapShared(path), () => Pages.MapCopyOnWrite(path)];
            var mapping = new Thread(() => wrong = Record.Exception(() => AssertRefused("ENODEV", "It is a pipe", path, maps)));
            mapping.IsBackground = true;
            mapping.Start();
            Assert.True(mapping.Join(s_patience), "It waits for the other end.");
            Assert.Null(wrong);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_sockets_name_is_said_to_be_one()
    {
        Needed.Linux("names of sockets in folders");
        string path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        AssertRefused("ENXIO", "It is a socket", path, () => Pages.Map(path), () => Pages.MapShared(path));
        AssertRefused("ENODEV", "It is a socket", null, () => Pages.DangerousMap(socket.Handle));
        File.Delete(path);
    }

    [Fact]
    public void Descriptors_without_a_file_are_refused()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, Kernel.CreatePipe(ends));
        int reading = ends[0];
        AssertRefused("ENODEV", "It is a pipe", null, () => Pages.DangerousMap(reading, new() { Length = 1 }));
        _ = Kernel.Close(ends[0]) + Kernel.Close(ends[1]);

        int signal = Kernel.CreateEvent(0, 0);
        AssertRefused(
            "ENODEV", "no file with content", null, () => Pages.DangerousMap(signal), () => Pages.DangerousMapShared(signal, new() { Length = 0 }));
        _ = Kernel.Close(signal);
    }

    /// <summary>They say that they are empty. Pages of length 0 would be a lie.</summary>
    [Theory]
    [InlineData("/proc/self/maps")]
    [InlineData("/proc/cpuinfo")]
    [InlineData("/sys/fs/cgroup/cgroup.controllers")]
    public void A_file_whose_content_is_made_as_it_is_read_is_not_taken_for_empty(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"There is no {path} here.");
        Assert.Equal(0, new FileInfo(path).Length);
        Assert.NotEmpty(File.ReadAllText(path));
        AssertRefused("ENODEV", "length is 0", path, () => Pages.Map(path), () => Pages.Map(path, new() { Length = 10 }));
    }

    [Fact]
    public void A_file_with_a_length_whose_file_system_maps_nothing_is_refused_with_what_to_do()
    {
        const string Kernels = "/sys/kernel/mm/transparent_hugepage/enabled";
        Assert.SkipUnless(File.Exists(Kernels), $"There is no {Kernels}, a file that has a length and cannot be mapped.");
        AssertRefused("ENODEV", "read it instead", Kernels, () => Pages.Map(Kernels), () => Pages.MapCopyOnWrite(Kernels));
    }

    [Fact]
    public void A_character_device_needs_a_length_and_gives_what_its_driver_does()
    {
        _ = Needed.File("/dev/zero");
        const string Zeros = "/dev/zero";
        Assert.Equal("Length", Assert.Throws<ArgumentException>(() => Pages.Map(Zeros)).ParamName);
        Assert.Equal("Length", Assert.Throws<ArgumentException>(() => Pages.MapShared(Zeros, new() { Offset = 5 })).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Map(Zeros, new() { Offset = long.MaxValue, Length = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pages.Map(Zeros, new() { Offset = 1, Length = nuint.MaxValue }));
        var tooMany = new FileMapOptions { Length = nuint.MaxValue / 2 };
        Assert.Equal(ErrorReason.AddressSpaceLimit, Assert.Throws<MemoryPagesException>(() => Pages.Map(Zeros, tooMany)).Reason);

        using (Pages<ReadWrite> pages = Pages.MapShared(Zeros, new() { Length = 10_000 }))
        {
            Assert.Equal(10_000u, pages.Length);
            Assert.Equal(new byte[10_000], Bytes(pages));
            pages.Write(9_999, (byte)7);
            Assert.Equal(7, pages.Read<byte>(9_999));
        }

        AssertRefused("ENODEV", "no memory to map", "/dev/null", () => Pages.Map("/dev/null", new() { Length = 1 }));
    }

    [Fact]
    public void A_device_that_keeps_its_memory_to_itself_is_told_with_a_hint()
    {
        const string Memory = "/dev/mem";
        Assert.SkipUnless(File.Exists(Memory) && Kernel.IsRoot, $"{Memory} is not here, or only root may open it.");

        // Ordinary memory lies behind the first mebibyte on every machine; a kernel that lets that be read has no device of the kind.
        var options = new FileMapOptions { Offset = 1L << 24, Length = 1 };
        try
        {
            Pages.Map(Memory, options).Dispose();
            Assert.Skip("This kernel hides no memory (CONFIG_STRICT_DEVMEM).");
        }
        catch (Exception refused) when (refused is MemoryPagesException or UnauthorizedAccessException)
        {
            MemoryPagesException told = refused as MemoryPagesException ?? (MemoryPagesException)refused.InnerException!;
            Assert.Equal((ErrorReason.AccessDenied, "EPERM"), (told.Reason, told.ErrorSymbol));
            Assert.NotNull(told.Hint);
        }
    }

    private static void AssertRefused(string symbol, string hint, string? path, params Action[] maps)
    {
        int descriptors = Directory.GetFiles(Needed.File("/proc/self/fd")).Length;
        foreach (Action map in maps)
        {
            for (int i = 0; i < 20; i++)
            {
                var refused = Assert.Throws<MemoryPagesException>(map);
                Assert.Equal((ErrorReason.NotSupported, symbol), (refused.Reason, refused.ErrorSymbol));
                Assert.Contains(hint, refused.Hint);
                Assert.Contains(path ?? "", refused.Message);
            }
        }

        Assert.InRange(Directory.GetFiles(Needed.File("/proc/self/fd")).Length, 0, descriptors + 15); // other tests open files meanwhile
    }
}
