using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>A scope that cannot be ended: memory that is lost is better than a type that lies.</summary>
public sealed unsafe class RefusedScopeTests
{
    [Fact]
    public void A_scope_that_cannot_restore_says_so_and_keeps_everyone_out_of_its_part()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        PageRange part = RefusedCall.Part;
        Pages<ReadWrite> pages = Targets.Filled();
        nuint address = (nuint)pages.DangerousPointer();
        MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => During(
            () =>
            {
                using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(part);
                Assert.Equal("r--p", SystemMap.At(address + part.Offset)!.Access);
            },
            new FailingCall(Mprotect, ENOMEM, part.Length, 3)));

        Targets.AssertTells(told, "ProtectScope<ReadOnly>.Dispose", "mprotect", ENOMEM, part.Length);
        Assert.Equal(1, pages.LeaseCount);
        Assert.Equal("r--p", SystemMap.At(address + part.Offset)!.Access);
        Assert.Throws<InvalidOperationException>(() => pages.Write<byte>(part.Offset, 1));
        Assert.Throws<InvalidOperationException>(() => pages.Write<byte>(part.Offset + part.Length - 1, 1));
        Assert.Throws<InvalidOperationException>(() => pages.Protect<ReadOnly>());
        Assert.Throws<InvalidOperationException>(() => pages.Discard());

        // Beside it the pages go on.
        pages.Write<byte>(part.Offset - 1, 7);
        pages.Write<byte>(part.Offset + part.Length, 7);
        pages.Dispose();
        Assert.NotNull(SystemMap.At(address));
        Assert.Equal(0, Kernel.Unmap((nint)address, RefusedCall.Length)); // the test's own tidying: the library never will
    }
}
