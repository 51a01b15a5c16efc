using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;
using static MemoryPages.Platform.Linux.Native.MappingCalls;
using static MemoryPages.Platform.Linux.Native.SecretCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Memory for what must not be found anywhere else.</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    private const SecretProtection WithoutHiding =
        SecretProtection.Locked | SecretProtection.NotDumped | SecretProtection.NotForked | SecretProtection.Guarded;

    private readonly RememberedAnswer _secretHiding = new(ProbeHiding);

    public override bool SecretHidingSupported => _secretHiding.IsYes;

    public override SystemError MapSecret(nuint length, out MappedRange range, out SecretProtection protection)
    {
        if (SecretHidingSupported)
        {
            protection = WithoutHiding | SecretProtection.Hidden;
            SystemError error = MapHidden(length, out range);
            if (error.Call != "memfd_secret")
            {
                return error;
            }
        }

        protection = WithoutHiding; // the kernel does not have it, or a sandbox of this thread's hides it
        return MapLocked(length, out range);
    }

    /// <summary>The kernel locks it, and leaves it out of dumps, of its own accord; but a child would share it.</summary>
    private SystemError MapHidden(nuint length, out MappedRange range)
    {
        range = default;
        int file = (int)memfd_secret(SYS_memfd_secret, FileKindCalls.O_CLOEXEC);
        if (file < 0)
        {
            return Errno.Last("memfd_secret");
        }

        SystemError error = SetLength(file, length);
        if (!error.Failed)
        {
            error = ReserveAround(0, length, PageSize, PageSize, out range);
        }

        if (!error.Failed)
        {
            error = mmap(range.Address, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED ? Errno.Last("mmap")
                : madvise(range.Address, length, MADV_DONTFORK) != 0 ? Errno.Last("madvise")
                : PopulateByTouch(range.Address, length, PageSize, forWriting: true); // no madvise reaches it
            UnmapAfter(error, ref range);
        }

        _ = MemoryFileCalls.close(file);
        return error;
    }

    /// <summary>The advice comes first: no moment in which it holds something and could be copied.</summary>
    private SystemError MapLocked(nuint length, out MappedRange range)
    {
        var request = new AnonymousRequest
        {
            Length = length, Protection = PageProtection.Read | PageProtection.Write, PageSize = PageSize, Alignment = PageSize, Guard = PageSize,
        };
        SystemError error = MapInReservation(request, MAP_PRIVATE | MAP_ANONYMOUS, out range);
        if (!error.Failed)
        {
            error = madvise(range.Address, length, MADV_DONTDUMP) != 0 || madvise(range.Address, length, MADV_WIPEONFORK) != 0
                ? Errno.Last("madvise")
                : Lock(range.Address, length, LockMode.Resident);
            UnmapAfter(error, ref range);
        }

        return error;
    }

    private void UnmapAfter(SystemError error, ref MappedRange range)
    {
        if (error.Failed)
        {
            _ = Unmap(range.ReservedAddress, range.ReservedLength);
            range = default;
        }
    }

    /// <summary>By its effect: the call that reads other processes must not get at such memory. No answer where nothing
    /// can be had to ask about: the limit of locked memory.</summary>
    private static bool? ProbeHiding()
    {
        var system = (LinuxMemorySystem)Current;
        SystemError error = system.MapHidden(system.PageSize, out MappedRange range);
        if (error.Failed)
        {
            return error.Call == "memfd_secret" && error.Code is not (Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM) ? false : null;
        }

        byte seen = 0;
        var local = new ContentCalls.IoVector { Base = (nuint)(&seen), Length = 1 };
        var remote = new ContentCalls.IoVector { Base = range.Address, Length = 1 };
        bool hidden = ContentCalls.process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0) != 1;
        _ = system.Unmap(range.ReservedAddress, range.ReservedLength);
        return hidden;
    }
}
