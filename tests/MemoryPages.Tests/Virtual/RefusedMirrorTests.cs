#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Reserved;

/// <summary>A ring that is refused, at each of its calls, leaves nothing behind and says why.</summary>
public sealed class RefusedMirrorTests
{
    private const nuint Length = 0x1357000; // no call of the runtime has such lengths
    private const nuint SealedFlags = 9;
    private const string Name = "ring-refused";
    private const string NeedsSeccomp = "Refusing calls takes seccomp on x86-64 Linux.";

    public static TheoryData<string, int, int, ulong, ErrorReason> Calls => new()
    {
        { "memfd_create", MemfdCreate, EMFILE, SealedFlags, ErrorReason.Other },
        { "memfd_create", MemfdCreate, ENFILE, SealedFlags, ErrorReason.Other },
        { "memfd_create", MemfdCreate, ENOMEM, SealedFlags, ErrorReason.OutOfMemory },
        { "memfd_create", MemfdCreate, EPERM, SealedFlags, ErrorReason.AccessDenied },
        { "ftruncate", Ftruncate, EFBIG, Length, ErrorReason.FileSizeLimit },
        { "ftruncate", Ftruncate, EIO, Length, ErrorReason.InputOutput },
        { "mmap", Mmap, ENOMEM, 2 * Length, ErrorReason.OutOfMemory },  // the addresses and the first half
        { "mmap", Mmap, ENOMEM, Length, ErrorReason.OutOfMemory },      // the second half
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_refused_ring_is_told_and_leaves_nothing(string call, int number, int error, ulong secondArgument, ErrorReason reason)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        During(
            () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => MirroredBuffer.Create(Length, Name));
                    Assert.Equal((call, error, reason), (told.NativeCall, told.ErrorCode, told.Reason));
                    Assert.Equal((0u, 2 * Length), (told.Address, told.Size));
                    Assert.DoesNotContain("errno", told.Message);
                    Assert.NotNull(told.Hint);
                    Assert.False(MirroredBuffer.TryCreate(Length, out _, Name));
                }
            },
            new FailingCall(number, error, (nuint)secondArgument));
        Ring.AssertNothingLeft(Name);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Trying_allocates_nothing_when_it_is_refused(string call, int number, int error, ulong secondArgument, ErrorReason reason)
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        Assert.NotEqual(ErrorReason.Unbacked, reason);
        long allocated = -1;
        During(
            () =>
            {
                Assert.False(MirroredBuffer.TryCreate(Length, out _, Name));
                long before = GC.GetAllocatedBytesForCurrentThread();
                MirroredBuffer.TryCreate(Length, out _, Name);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            },
            new FailingCall(number, error, (nuint)secondArgument));
        Assert.True(allocated == 0, $"{allocated} bytes where {call} fails.");
    }

    /// <summary>Before Linux 6.3.</summary>
    [Fact]
    public void A_kernel_that_does_not_know_the_seal_is_asked_without_it()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        During(
            () =>
            {
                using var ring = MirroredBuffer.Create(Length, Name);
                using WriteView view = ring.Write(Length - 1, 2);
                view.Span.Fill(5);
                Assert.Equal(2, Ring.MappingsNamed(Name).Count);
            },
            new FailingCall(MemfdCreate, EINVAL, SealedFlags));
        Ring.AssertNothingLeft(Name);
    }

    [Fact]
    public void A_kernel_that_knows_neither_is_told_of()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
            () => MirroredBuffer.Create(Length, Name), new FailingCall(MemfdCreate, EINVAL, SealedFlags), new FailingCall(MemfdCreate, EPERM, 3)));
        Assert.Equal(("memfd_create", EPERM), (told.NativeCall, told.ErrorCode));
    }

    /// <summary>On Linux the descriptor is closed even where close reports an error; here the call is not made at all, so that it stays: that it was asked for.</summary>
    [Fact]
    public void An_error_of_closing_the_descriptor_is_no_error_of_the_ring()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        MirroredBuffer? ring = null;
        During(() => ring = MirroredBuffer.Create(Length, Name), new FailingCall(Close, EIO));
        string left = Assert.Single(Ring.DescriptorsNamed(Name));
        new Microsoft.Win32.SafeHandles.SafeFileHandle(int.Parse(Path.GetFileName(left), System.Globalization.CultureInfo.InvariantCulture), ownsHandle: true).Dispose();
        using (WriteView view = ring!.Write(Length - 1, 2))
        {
            view.Span.Fill(5);
        }

        ring.Dispose();
        Ring.AssertNothingLeft(Name);
    }

    [Fact]
    public void A_refused_prefault_is_told()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using var ring = MirroredBuffer.Create(Length, Name);
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(ring.Prefault, new FailingCall(Madvise, EFAULT, 2 * Length)));
        Assert.Equal(("Prefault", "madvise", ErrorReason.Unbacked), (told.Operation, told.NativeCall, told.Reason));
        Assert.Equal(0, ring.LeaseCount);
        Assert.Equal(0u, ring.CountResidentBytes());
    }

    [Fact]
    public void A_refused_lock_is_told_and_locks_nothing()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using var ring = MirroredBuffer.Create(8 * PageSize.Base);
        long before = SystemMap.Status("VmLck");
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(ring.Lock, new FailingCall(Mlock, EPERM, ring.Length)));
        Assert.Equal(("Lock", "mlock"), (told.Operation, told.NativeCall));
        Assert.Equal(before, SystemMap.Status("VmLck"));

        // The first half is locked by then; the other half's page tables are what is refused.
        told = Assert.Throws<MemoryPagesException>(() => During(ring.Lock, new FailingCall(Madvise, EFAULT, 2 * ring.Length, 23)));
        Assert.Equal(("Lock", "madvise"), (told.Operation, told.NativeCall));
        Assert.Equal(before, SystemMap.Status("VmLck"));
        Assert.Equal(0, ring.LeaseCount);
    }

    [Fact]
    public void A_refused_unlock_and_count_are_told()
    {
        Assert.SkipUnless(IsPossible, NeedsSeccomp);
        using var ring = MirroredBuffer.Create(Length);
        Assert.Equal("Unlock", Assert.Throws<MemoryPagesException>(() => During(ring.Unlock, new FailingCall(Munlock, ENOMEM, Length))).Operation);
        Assert.Equal("mincore", Assert.Throws<MemoryPagesException>(() => During(() => ring.CountResidentBytes(), new FailingCall(Mincore, EAGAIN))).NativeCall);
        Assert.Equal(0, ring.LeaseCount);
    }

    /// <summary>The kernel also sends SIGXFSZ then, which ends a process that does not expect it.</summary>
    [Fact]
    public void A_limit_on_the_size_of_files_is_an_exception_that_names_it()
    {
        ScenarioResult result = Scenario.Run("RingBeyondFileSizeLimit");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("EFBIG (27)", result.Output);
        Assert.Contains("RLIMIT_FSIZE", result.Output);
        Assert.Contains("1,048,576", result.Output);
    }

    [Fact]
    public void A_limit_on_addresses_is_an_exception_that_names_it()
    {
        ScenarioResult result = Scenario.Run("RingBeyondAddressLimit");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("RLIMIT_AS", result.Output);
    }

    [Fact]
    public void A_lack_of_descriptors_is_an_exception_that_names_it()
    {
        ScenarioResult result = Scenario.Run("RingWithoutDescriptors");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("EMFILE (24)", result.Output);
        Assert.Contains("RLIMIT_NOFILE", result.Output);
    }
}
