using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;
using static MemoryPages.Platform.Linux.Native.ContentCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Making pages present, keeping them, and asking which are.</summary>
internal sealed partial class LinuxMemorySystem
{
    private const int FaultAround = 64 << 10;

    public override SystemError Populate(nuint address, nuint length, nuint pageSize, bool forWriting)
    {
        Advice advice = forWriting ? Advice.PopulateWrite : Advice.PopulateRead;
        if (!IsSupported(advice))
        {
            return PopulateByTouch(address, length, pageSize, forWriting);
        }

        while (madvise(address, length, forWriting ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) != 0)
        {
            SystemError error = Errno.Last("madvise");
            if (error.Code is not (Errno.EAGAIN or Errno.EINTR)) // both: begin again, what is present stays so
            {
                return error;
            }
        }

        return SystemError.None;
    }

    /// <remarks>
    /// One page of each 64 KiB is named. With it the kernel enters those around it that are in its cache ("fault-around", of that size unless
    /// somebody has changed it), for less than it takes to name each.
    /// </remarks>
    public override SystemError EnterCached(nuint address, nuint length)
    {
        if (!IsSupported(Advice.PopulateRead))
        {
            return new SystemError("madvise", Errno.EINVAL);
        }

        nuint end = address + length;
        nuint around = Math.Max(FaultAround, PageSize);
        for (nuint page = MemoryPages.PageSize.AlignDown(address, PageSize); page < end; page = MemoryPages.PageSize.AlignDown(page + around, around))
        {
            if (madvise(page, PageSize, MADV_POPULATE_READ) != 0)
            {
                return Errno.Last("madvise");
            }
        }

        return SystemError.None;
    }

    /// <summary>
    /// Before Linux 5.14. The kernel touches each page on our behalf, so that a page with nothing behind it is an error and not the end of the
    /// process: for reading it copies a byte of it, for writing it adds zero to a word of it (an atomic operation that futex(2) offers; copying would
    /// need the page to be readable, and could overwrite what another thread writes).
    /// </summary>
    internal static unsafe SystemError PopulateByTouch(nuint address, nuint length, nuint pageSize, bool forWriting)
    {
        for (nuint page = address; page != address + length; page += pageSize)
        {
            uint scratch = 0;
            if (forWriting)
            {
                if (ProcessCalls.futex(
                    ProcessCalls.SYS_futex, &scratch, ProcessCalls.FUTEX_WAKE_OP_PRIVATE, 0, 0, (uint*)page, ProcessCalls.FUTEX_OP_ADD_ZERO) < 0)
                {
                    return Errno.Last("futex");
                }

                continue;
            }

            var local = new IoVector { Base = (nuint)(&scratch), Length = 1 };
            var remote = new IoVector { Base = page, Length = 1 };
            if (process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0) != 1)
            {
                return Errno.Last("process_vm_readv");
            }
        }

        return SystemError.None;
    }

    public override SystemError Lock(nuint address, nuint length, LockMode mode)
    {
        bool isResident = mode == LockMode.Resident;
        if ((isResident ? LockCalls.mlock(address, length) : LockCalls.mlock2(address, length, LockCalls.MLOCK_ONFAULT)) == 0)
        {
            return SystemError.None;
        }

        // At the limit the kernel has done nothing. Else it has locked some or all, and stopped at a mapping that it could not split or a page that
        // it could not get.
        SystemError error = Errno.Last(isResident ? "mlock" : "mlock2");
        if (!LinuxLimits.AllowsLocking(length))
        {
            return error;
        }

        _ = LockCalls.munlock(address, length);
        return error;
    }

    public override SystemError Unlock(nuint address, nuint length) =>
        LockCalls.munlock(address, length) == 0 ? SystemError.None : Errno.Last("munlock");

    public override unsafe SystemError QueryResidency(nuint address, Span<byte> pages)
    {
        fixed (byte* vector = pages)
        {
            return mincore(address, (nuint)pages.Length * PageSize, vector) == 0 ? SystemError.None : Errno.Last("mincore");
        }
    }
}
