using MemoryPages.Platform.Windows.Native;
using MemoryPages.Unsafe;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.ContentCalls;
using static MemoryPages.Platform.Windows.Native.ResidencyCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Making pages present, keeping them, asking which are, and advice.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    /// <summary>
    /// Each page is touched: prefetching makes nothing present that was never touched. Reading is the kernel's, so that a page that cannot be had is
    /// an error; writing adds zero to a word, so that nothing is lost that another thread writes.
    /// </summary>
    public override SystemError Populate(nuint address, nuint length, nuint pageSize, bool forWriting)
    {
        if (!IsTouchable(address, length, forWriting))
        {
            return new SystemError("VirtualQuery", Win32Error.ERROR_NOACCESS);
        }

        for (nuint page = address; page != address + length; page += pageSize)
        {
            byte scratch;
            int status = NtReadVirtualMemory(ProcessCalls.CurrentProcess, page, (nuint)(&scratch), 1, out _);
            if (status < 0)
            {
                return new SystemError("NtReadVirtualMemory", Win32Error.ERROR_PARTIAL_COPY);
            }

            if (forWriting)
            {
                Interlocked.Add(ref *(int*)page, 0);
            }
        }

        return SystemError.None;
    }

    /// <remarks>
    /// A process may lock little less than its least working set: that is made larger by what is locked, and stays so. There is no lock that waits
    /// for the touch.
    /// </remarks>
    public override SystemError Lock(nuint address, nuint length, LockMode mode)
    {
        if (mode == LockMode.OnFault)
        {
            return NotSupported("VirtualLock");
        }

        if (VirtualLock(address, length) != 0)
        {
            return SystemError.None;
        }

        SystemError error = Win32Error.Last("VirtualLock");
        if (error.Code != Win32Error.ERROR_WORKING_SET_QUOTA)
        {
            return error;
        }

        SystemError grown = GrowWorkingSet(length);
        return grown.Failed ? grown
            : VirtualLock(address, length) != 0 ? SystemError.None
            : Win32Error.Last("VirtualLock");
    }

    /// <remarks>Where a part is not locked the call unlocks nothing and says so: then each page is unlocked for itself.</remarks>
    public override SystemError Unlock(nuint address, nuint length)
    {
        if (VirtualUnlock(address, length) != 0)
        {
            return SystemError.None;
        }

        SystemError error = Win32Error.Last("VirtualUnlock");
        if (error.Code != Win32Error.ERROR_NOT_LOCKED)
        {
            return error;
        }

        for (nuint page = address; length > PageSize && page != address + length; page += PageSize)
        {
            if (VirtualUnlock(page, PageSize) == 0)
            {
                error = Win32Error.Last("VirtualUnlock");
                if (error.Code != Win32Error.ERROR_NOT_LOCKED)
                {
                    return error;
                }
            }
        }

        return SystemError.None;
    }

    public override SystemError QueryResidency(nuint address, Span<byte> pages)
    {
        const int Chunk = 256;
        WorkingSetPage* answers = stackalloc WorkingSetPage[Chunk];
        for (int done = 0; done < pages.Length;)
        {
            int count = Math.Min(Chunk, pages.Length - done);
            for (int i = 0; i < count; i++)
            {
                answers[i] = new WorkingSetPage { Address = address + ((nuint)(done + i) * PageSize) };
            }

            if (QueryWorkingSetEx(ProcessCalls.CurrentProcess, answers, (uint)(count * sizeof(WorkingSetPage))) == 0)
            {
                return Win32Error.Last("QueryWorkingSetEx");
            }

            for (int i = 0; i < count; i++)
            {
                pages[done + i] = (byte)(answers[i].Attributes & 1);
            }

            done += count;
        }

        return SystemError.None;
    }

    public override bool IsSupported(Advice advice) => advice is Advice.Normal or Advice.WillNeed or Advice.PopulateRead or Advice.PopulateWrite;

    public override bool IsSupported(UncheckedAdvice advice) => advice is UncheckedAdvice.DontNeed or UncheckedAdvice.Free;

    public override SystemError Advise(nuint address, nuint length, Advice advice)
    {
        if (advice == Advice.WillNeed)
        {
            var range = new MemoryRange { Address = address, Length = length };
            return PrefetchVirtualMemory(ProcessCalls.CurrentProcess, 1, &range, 0) != 0 ? SystemError.None : Win32Error.Last("PrefetchVirtualMemory");
        }

        return advice == Advice.Normal ? SystemError.None // as all memory is
            : advice is Advice.PopulateRead or Advice.PopulateWrite
            ? Populate(address, length, PageSize, forWriting: advice == Advice.PopulateWrite)
            : NotSupported("PrefetchVirtualMemory");
    }

    public override SystemError Advise(nuint address, nuint length, UncheckedAdvice advice) => advice switch
    {
        UncheckedAdvice.DontNeed => Discard(address, length),
        UncheckedAdvice.Free => Offer(address, length),
        _ => NotSupported("VirtualAlloc"),
    };

    /// <summary>A little more than is locked: the process needs pages of its own to run.</summary>
    private SystemError GrowWorkingSet(nuint length)
    {
        if (GetProcessWorkingSetSizeEx(ProcessCalls.CurrentProcess, out nuint least, out nuint most, out uint flags) == 0)
        {
            return Win32Error.Last("GetProcessWorkingSetSizeEx");
        }

        nuint more = length + AllocationGranularity;
        return SetProcessWorkingSetSizeEx(ProcessCalls.CurrentProcess, least + more, Math.Max(most, least + more) + more, flags) != 0
            ? SystemError.None
            : Win32Error.Last("SetProcessWorkingSetSizeEx");
    }

    private static bool IsTouchable(nuint address, nuint length, bool forWriting)
    {
        const uint Writable = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
        for (nuint next = address; next < address + length;)
        {
            if (!Query(next, out MemoryInformation region) || region.State != MEM_COMMIT || (region.Protect & (PAGE_NOACCESS | PAGE_GUARD)) != 0
                || (forWriting && (region.Protect & Writable) == 0))
            {
                return false;
            }

            next = region.BaseAddress + region.RegionSize;
        }

        return true;
    }
}
