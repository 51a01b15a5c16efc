#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose

using System.Globalization;
using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>Every operation on existing pages, each of its native calls, each error: the error is told and nothing else has happened.</summary>
public sealed class RefusedCallTests
{
    public static TheoryData<string> Rows => [.. RefusedCall.All.Select(refused => refused.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public unsafe void A_refused_call_is_told_and_changes_nothing(string name)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        RefusedCall refused = RefusedCall.All.Single(r => r.Name == name);
        using Pages<ReadWrite> pages = Targets.Filled(refused.OnFile);
        nuint address = (nuint)pages.DangerousPointer();
        RangeState before = RangeState.Of(pages);
        foreach (int error in RefusedCall.Errors.Except(refused.Coped))
        {
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(() => refused.Act(pages), refused.Rules(error)));
            Assert.Equal(before, RangeState.Of(address, RefusedCall.Length));
            Assert.True(pages.IsUsable);
            Assert.Equal(0, pages.LeaseCount);
            Assert.Equal(RefusedCall.Length, pages.Length);
            Targets.AssertTells(told, refused.Operation, refused.Call, error, refused.Wished ?? refused.Range.Length);
            Assert.Equal(address + refused.Range.Offset, told.Address);
            AssertReason(told);
        }

        // As good as before: it can be written, handed on and unmapped.
        pages.Write<int>(0, 42);
        using Pages<ReadOnly> successor = pages.Protect<ReadOnly>();
        Assert.Equal(42, successor.Read<int>(0));
        successor.Dispose();
        Targets.AssertUnmapped(address);
    }

    [Fact]
    public void Every_transition_that_is_refused_leaves_the_pages_usable()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        Refuse<NoAccess, ReadOnly>();
        Refuse<ReadOnly, ReadWrite>();
        Refuse<WriteOnly, NoAccess>();
        Refuse<ExecuteOnly, ReadExecute>();
        Refuse<ReadExecute, ReadWrite>();

        static void Refuse<TFrom, TTo>()
            where TFrom : struct, IProtection
            where TTo : struct, IProtection
        {
            using Pages<TFrom> pages = Pages.Allocate<TFrom>(RefusedCall.Length);
            RangeState before = RangeState.Of(pages);
            Assert.Throws<MemoryPagesException>(() => During(() => pages.Protect<TTo>(), new FailingCall(Mprotect, ENOMEM, RefusedCall.Length)));
            Assert.Equal(before, RangeState.Of(pages));
            Assert.True(pages.IsUsable);
            pages.Protect<TTo>().Dispose();
        }
    }

    /// <summary>The kernel stops half-way where advice has split the range: what it did by then must be undone.</summary>
    [Fact]
    public void A_transition_that_stops_half_way_is_undone()
    {
        Assert.SkipUnless(IsPossible, "Sealing a part takes mseal, called by its x86-64 number.");
        ScenarioResult result = Scenario.Run("ProtectOverSealedPart");
        Assert.SkipWhen(result.Output == "no mseal", "This kernel has no mseal(2).");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("Protect<ReadOnly> mprotect EPERM AccessDenied ", result.Output);
    }

    private static void AssertReason(MemoryPagesException told)
    {
        ErrorReason[] right = (told.NativeCall, told.ErrorCode) switch
        {
            ("mlock" or "mlock2", EPERM) => [ErrorReason.AccessDenied, ErrorReason.LockLimit],
            ("mlock" or "mlock2", ENOMEM) => [ErrorReason.LockLimit, ErrorReason.Unbacked],
            ("mremap", EAGAIN) => [ErrorReason.LockLimit, ErrorReason.OutOfMemory],
            ("mremap", ENOMEM) => [ErrorReason.AddressSpaceLimit],
            ("mlock" or "mlock2" or "madvise", EAGAIN) or (_, ENOMEM) => [ErrorReason.OutOfMemory],
            (_, EPERM or EACCES) => [ErrorReason.AccessDenied],
            (_, EIO) => [ErrorReason.InputOutput],
            ("madvise", EFAULT) => [ErrorReason.Unbacked],
            ("madvise", EINVAL) => [ErrorReason.NotSupported],
            _ => [ErrorReason.Other],
        };
        Assert.Contains(told.Reason, right);
        Assert.Equal(told.Reason is not ErrorReason.Other && (told.ErrorCode != EACCES || told.NativeCall is "mmap" or "mprotect" || told.Operation == "Remove"), told.Hint is not null);
    }
}

/// <summary>What the tests of failures share.</summary>
internal static class Targets
{
    /// <summary>Pages of <see cref="RefusedCall.Length"/> that hold something in each.</summary>
    public static Pages<ReadWrite> Filled(bool onFile = false)
    {
        Pages<ReadWrite> pages = onFile ? OfFile() : Pages.Allocate(RefusedCall.Length);
        using WriteView view = pages.Write();
        for (int i = 0; i < view.Span.Length; i += 61)
        {
            view.Span[i] = (byte)(i / 61 | 1);
        }

        return pages;
    }

    /// <summary>Nothing private is there. Shared mappings are the runtime's own, which may have been given the addresses already.</summary>
    public static void AssertUnmapped(nuint address) =>
        Assert.DoesNotContain(SystemMap.Between(address, address + RefusedCall.Part.Length), map => map.Access.EndsWith('p'));

    public static void AssertTells(MemoryPagesException told, string operation, string call, int error, nuint size)
    {
        string symbol = error switch
        {
            EPERM => "EPERM", EIO => "EIO", EAGAIN => "EAGAIN", ENOMEM => "ENOMEM", EACCES => "EACCES", EFAULT => "EFAULT", EINVAL => "EINVAL",
            _ => throw new NotSupportedException(),
        };
        Assert.Equal((operation, call, error, symbol, size), (told.Operation, told.NativeCall, told.ErrorCode, told.ErrorSymbol, told.Size));
        Assert.Equal(error, told.HResult);
        Assert.StartsWith($"{operation} failed: {call} said {symbol} ({error})", told.Message);
        Assert.Contains(size.ToString("N0", CultureInfo.InvariantCulture) + " bytes", told.Message);
        Assert.Equal(told.Address != 0, told.Message.Contains($"at 0x{told.Address:x}"));
        Assert.EndsWith(told.Hint ?? ".", told.Message);
    }

    private static Pages<ReadWrite> OfFile()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                file.SetLength((long)RefusedCall.Length);
            }

            return Pages.MapShared(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
