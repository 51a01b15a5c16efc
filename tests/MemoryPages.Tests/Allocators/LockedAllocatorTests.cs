using MemoryPages.Testing;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Allocators;

/// <summary>Memory that stays in memory: as the kernel says, and as its limit says.</summary>
public sealed unsafe class LockedAllocatorTests
{
    private static readonly Layout s_layout = new(64, 16);

    private static LockedAllocator Allocator => default;

    [Theory]
    [InlineData(64)]
    [InlineData(100_000)]
    public void Every_byte_is_of_locked_pages_that_go_with_the_last_block(int size)
    {
        _ = Needed.File("/proc/self/smaps");
        Assert.SkipUnless(CanLock(), "This process may lock no memory (RLIMIT_MEMLOCK).");
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
        var layout = new Layout((nuint)size, 16);
        AllocatedBlock one = Allocator.Allocate(layout), other = Allocator.AllocateZeroed(layout);
        foreach (AllocatedBlock block in (AllocatedBlock[])[one, other])
        {
            Assert.True(SystemMap.At(block.Address)!.HasFlag("lo"));
            Assert.True(SystemMap.At(block.Address + block.Size - 1)!.HasFlag("lo"));
        }

        Assert.InRange<ulong>((ulong)LockedAllocator.LockedBytes, 1UL, 2 * 128 << 10);
        Allocator.Free(one.Pointer, layout);
        Assert.NotEqual((nuint)0, LockedAllocator.LockedBytes);
        Allocator.Free(other.Pointer, layout);
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
        Assert.False(SystemMap.At(other.Address)?.HasFlag("lo") ?? false);
    }

    [Fact]
    public void Where_the_kernel_locks_no_more_nothing_is_left()
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        const nuint Large = 0x1357_0000;
        During(
            () =>
            {
                foreach (Layout layout in (Layout[])[s_layout, new(Large, 16)])
                {
                    MemoryPagesException refused = Assert.Throws<MemoryPagesException>(() => Allocator.Allocate(layout));
                    Assert.Equal(("Allocate", "mlock", "ENOMEM"), (refused.Operation, refused.NativeCall, refused.ErrorSymbol));
                    Assert.False(Allocator.TryAllocateZeroed(layout, out AllocatedBlock none));
                    Assert.Equal(default, none);
                }
            },
            new FailingCall(Mlock, ENOMEM));
        Assert.Equal((nuint)0, LockedAllocator.LockedBytes);
    }

    [Fact]
    public void A_large_block_that_is_freed_twice_is_found_out()
    {
        Assert.SkipUnless(CanLock(), "This process may lock no memory (RLIMIT_MEMLOCK).");
        var layout = new Layout(10 * PageSize.Base, 16);
        AllocatedBlock block = Allocator.Allocate(layout);
        Allocator.Free(block.Pointer, layout);
        Assert.Throws<InvalidOperationException>(() => Allocator.Free(block.Pointer, layout));
    }

    [Fact]
    public void The_limit_of_the_process_is_told()
    {
        // Root is above the limit by CAP_IPC_LOCK: the child gives that up.
        string[] launcher = Kernel.IsRoot ? ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"] : [];
        ScenarioResult result = Scenario.RunUnder([.. launcher, "prlimit", "--memlock=65536:65536"], "LockedAllocatorAtItsLimit");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("RLIMIT_MEMLOCK", result.Output);
    }

    internal static bool CanLock()
    {
        bool can = Allocator.TryAllocate(s_layout, out AllocatedBlock block);
        if (can)
        {
            Allocator.Free(block.Pointer, s_layout);
        }

        return can;
    }
}
