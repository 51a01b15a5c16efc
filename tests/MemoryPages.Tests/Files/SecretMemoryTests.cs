#pragma warning disable MP1001, MP1003, MP1005 // no view is opened where it is refused; what ends under a view, and what is used afterwards, is tested

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>Secret memory: what of it can be found elsewhere. As the kernel has it, and as on one that cannot hide memory ("locked").</summary>
public sealed unsafe class SecretMemoryTests
{
    private const SecretProtection Always =
        SecretProtection.Locked | SecretProtection.NotDumped | SecretProtection.NotForked | SecretProtection.Guarded;

    private static readonly nuint s_page = PageSize.Base;

    public static TheoryData<bool> Kinds => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_as_long_as_asked_zeroed_locked_and_left_out_of_dumps(bool hidden) => OfKind(hidden, () =>
    {
        long before = SystemMap.Status("VmLck");
        using SecretMemory secret = SecretMemory.Allocate(s_page + 1);
        Assert.Equal(hidden ? Always | SecretProtection.Hidden : Always, secret.Protection);
        Assert.Equal(s_page + 1, secret.Length);
        nuint address = AddressOf(secret);
        SystemMap region = SystemMap.At(address)!;
        Assert.Equal(2 * s_page, region.End - region.Start);
        Assert.True(region.HasFlag("lo") && region.HasFlag("dd"), region.Flags);
        Assert.True(region.HasFlag(hidden ? "dc" : "wf"), region.Flags);
        Assert.Equal(before + (long)(2 * s_page), SystemMap.Status("VmLck"));
        Assert.StartsWith("---", SystemMap.At(address - 1)!.Access);
        Assert.StartsWith("---", SystemMap.At(region.End)!.Access);

        using (WriteView view = secret.Write())
        {
            Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
            view.Span.Fill(7);
        }

        using ReadView read = secret.Read();
        Assert.Equal((nuint)read.Span.Length, secret.Length);
        Assert.Equal(-1, read.Span.IndexOfAnyExcept((byte)7));
    });

    [Fact]
    public void Hidden_memory_is_read_by_no_call_that_reads_other_memory()
    {
        Assert.SkipUnless(SecretMemory.HidingSupported, "This kernel cannot hide memory, or locks none for this process.");
        using SecretMemory secret = SecretMemory.Allocate(16, SecretProtection.Hidden);
        nuint address = AddressOf(secret);
        using FileStream memory = File.OpenRead(Needed.File("/proc/self/mem"));
        memory.Position = (long)address;
        Assert.ThrowsAny<IOException>(() => memory.ReadByte());
        Assert.Equal(-1, Kernel.ReadOther(Environment.ProcessId, address));

        using Pages<ReadWrite> ordinary = Pages.Allocate(1);
        ordinary.Write(0, 5);
        using ReadView view = ordinary.Read();
        Assert.Equal(5, Kernel.ReadOther(Environment.ProcessId, (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(view.Span))));
    }

    [Theory]
    [InlineData("", 254)]
    [InlineData("locked", 0)]
    public void A_forked_child_does_not_have_it(string kind, int sees)
    {
        SkipUnlessPossible(kind.Length == 0);
        ScenarioResult result = Scenario.Run("SecretSeenByAForkedChild", kind);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(sees.ToString(CultureInfo.InvariantCulture), result.Output);
    }

    /// <summary>A dump of the whole process that holds what stands in ordinary memory does not hold the secret.</summary>
    [Theory]
    [InlineData("", "S")]
    [InlineData("locked", "S")]
    public void A_core_dump_does_not_hold_it(string kind, string first)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcore"), "The package gdb is not installed.");
        SkipUnlessPossible(kind.Length == 0);
        using Process process = Scenario.Start("HoldASecret", kind);
        string told = process.StandardOutput.ReadLine()!;
        Assert.Equal(kind.Length == 0, told.Contains(nameof(SecretProtection.Hidden)));
        string prefix = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
        string dump = $"{prefix}.{process.Id}";
        try
        {
            using Process dumper = Process.Start(new ProcessStartInfo("/usr/bin/gcore", ["-o", prefix, process.Id.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            Task<string> errors = dumper.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = dumper.StandardOutput.ReadToEnd();
            dumper.WaitForExit();
            Assert.SkipWhen(!File.Exists(dump), "gcore made no dump here (ptrace is forbidden?): " + output);
            Assert.True(Contains(dump, Spelled('C')), "The control text is not in the dump: it proves nothing.");
            Assert.False(Contains(dump, Spelled(first[0])));
        }
        finally
        {
            process.StandardInput.WriteLine();
            process.WaitForExit();
            File.Delete(dump);
        }
    }

    [Theory]
    [InlineData("before", "")]
    [InlineData("behind", "")]
    [InlineData("concealed", "")]
    [InlineData("before", "locked")]
    [InlineData("behind", "locked")]
    [InlineData("concealed", "locked")]
    public void Beside_it_and_while_it_is_concealed_every_access_is_a_fault(string where, string kind)
    {
        SkipUnlessPossible(kind.Length == 0);
        ScenarioResult result = Scenario.Run("TouchWhatIsClosed", where, kind);
        Assert.True(result.DiedOfBadAccess || result.DiedOfSignal, result.ToString());
        Assert.Equal("touching", result.Output);
    }

    /// <summary>Seen at the moment when it is unmapped: a call that the test makes fail, so that the memory is still there to look at.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void It_is_overwritten_before_it_is_unmapped(bool hidden, bool concealed)
    {
        nuint length = 0x123000; // as no mapping of the runtime
        nuint reserved = length + (2 * s_page);
        nuint address = 0;
        OfKind(hidden, () =>
        {
            SecretMemory secret = SecretMemory.Allocate(length);
            using (WriteView view = secret.Write())
            {
                view.Span.Fill(0xAA);
            }

            address = AddressOf(secret);
            ReadView open = secret.Read();
            if (concealed)
            {
                End(ref open);
                secret.Conceal();
                secret.Dispose();
            }
            else
            {
                secret.Dispose();
                Assert.Equal(0xAA, open[5]); // held by the view
                End(ref open);
            }

            // What refuses the first munmap also refuses discarding: the pages are as the wipe left them.
            Assert.Equal(-1, new ReadOnlySpan<byte>((void*)address, (int)length).IndexOfAnyExcept((byte)0));
        }, new FailingCall(Munmap, ENOMEM, reserved), new FailingCall(Madvise, EINVAL, reserved));
        Pages.Allocate(1).Dispose(); // with the next end, the one that was refused is tried again
        Assert.Empty(SystemMap.Between(address - s_page, address + length + s_page));
    }

    [Fact]
    public void Concealed_it_is_refused_and_revealed_it_is_as_before()
    {
        SkipUnlessLockable();
        using SecretMemory secret = SecretMemory.Allocate(32);
        using (WriteView view = secret.Write())
        {
            view.Span.Fill(9);
            Assert.Contains("1 lease", Assert.Throws<InvalidOperationException>(secret.Conceal).Message);
            Assert.Equal(1, secret.LeaseCount);
        }

        nuint address = AddressOf(secret);
        secret.Conceal();
        secret.Conceal();
        Assert.True(secret.IsConcealed);
        Assert.StartsWith("---", SystemMap.At(address)!.Access);
        Assert.Contains("concealed", Assert.Throws<InvalidOperationException>(() => AddressOf(secret)).Message);
        Assert.Throws<InvalidOperationException>(() => { using WriteView view = secret.Write(); });
        Assert.Equal(0, secret.LeaseCount);
        secret.Reveal();
        secret.Reveal();
        using ReadView read = secret.Read();
        Assert.Equal(9, read[31]);
    }

    [Fact]
    public void After_the_end_every_use_is_refused()
    {
        SkipUnlessLockable();
        SecretMemory secret = SecretMemory.Allocate(32);
        secret.Dispose();
        secret.Dispose();
        foreach (Action use in (Action[])[() => AddressOf(secret), secret.Conceal, secret.Reveal, () => { using WriteView view = secret.Write(); }])
        {
            Assert.Throws<ObjectDisposedException>(use);
        }
    }

    [Fact]
    public void The_limit_of_locked_memory_is_an_error_that_names_it()
    {
        string[] launcher = ["prlimit", "--memlock=16384:16384"];
        if (Kernel.IsRoot)
        {
            launcher = [.. launcher, "setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"];
        }

        ScenarioResult result = Scenario.RunUnder(launcher, "SecretBeyondLockLimit");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("LockLimit", result.Output);
        Assert.Contains("RLIMIT_MEMLOCK", result.Output);
        Assert.EndsWith("False", result.Output);
    }

    [Fact]
    public void What_cannot_be_had_is_told()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretMemory.Allocate(0));
        Assert.Throws<MemoryPagesException>(() => SecretMemory.Allocate(nuint.MaxValue));
        Assert.Throws<MemoryPagesException>(() => SecretMemory.Allocate((nuint)1 << 50));
        Assert.False(SecretMemory.TryAllocate(nuint.MaxValue, out SecretMemory? none));
        Assert.Null(none);
    }

    [Fact]
    public void A_kernel_that_cannot_hide_says_so_where_that_is_required() => OfKind(hidden: false, () =>
    {
        long before = SystemMap.Status("VmLck");
        Assert.Contains("Hidden", Assert.Throws<PlatformNotSupportedException>(() => SecretMemory.Allocate(1, SecretProtection.Hidden)).Message);
        SecretMemory.Allocate(1, SecretProtection.Locked).Dispose();
        Assert.Equal(before, SystemMap.Status("VmLck"));
    });

    [Theory]
    [InlineData(Mlock, EPERM, "mlock")]
    [InlineData(Madvise, EINVAL, "madvise")]
    public void A_refused_call_leaves_nothing_mapped(int call, int error, string name)
    {
        nuint length = 0x135000;
        OfKind(hidden: false, () =>
        {
            int before = SystemMap.Count();
            for (int i = 0; i < 20; i++)
            {
                MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => SecretMemory.Allocate(length));
                Assert.Equal((name, error), (told.NativeCall, told.ErrorCode));
            }

            Assert.InRange(SystemMap.Count(), 0, before + 10);
        }, new FailingCall(call, error, length));
    }

    private static void OfKind(bool hidden, Action test, params FailingCall[] failures)
    {
        SkipUnlessLockable();
        SkipUnlessPossible(hidden);
        if (hidden)
        {
            During(test, failures);
        }
        else
        {
            During(test, [new FailingCall(MemfdSecret, ENOSYS), .. failures]);
        }
    }

    private static void SkipUnlessPossible(bool hidden)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        Assert.SkipUnless(!hidden || SecretMemory.HidingSupported, "This kernel cannot hide memory, or locks none for this process.");
    }

    private static void SkipUnlessLockable()
    {
        Assert.SkipUnless(SecretMemory.TryAllocate(1, out SecretMemory? one), "This process may not lock memory.");
        one.Dispose();
    }

    private static void End(ref ReadView view)
    {
        using (view)
        {
        }
    }

    private static nuint AddressOf(SecretMemory secret)
    {
        using ReadView view = secret.Read();
        return (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(view.Span));
    }

    /// <summary>As the scenario spells it.</summary>
    private static byte[] Spelled(char first)
    {
        uint state = first;
        var text = new byte[64];
        foreach (ref byte letter in text.AsSpan())
        {
            state = (state * 1664525) + 1013904223;
            letter = (byte)('a' + ((state >> 24) % 26));
        }

        return text;
    }

    private static bool Contains(string path, byte[] text)
    {
        using Pages<ReadOnly> file = Pages.Map(path);
        using ReadView view = file.Read();
        const int Piece = 1 << 28;
        for (nuint at = 0; at < view.Length; at += Piece)
        {
            int length = (int)Math.Min((nuint)(Piece + text.Length), view.Length - at);
            if (view.Slice(at, length).IndexOf(text) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
