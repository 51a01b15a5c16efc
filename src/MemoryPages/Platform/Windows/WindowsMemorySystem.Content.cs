using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.ContentCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>Giving content back, keeping what is left of it, and copies that fail instead of faulting.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    public override bool BatchesSupported => false;

    public override TruncationSurvival? TruncationSurvival => null; // a file that is mapped cannot be cut off: ERROR_USER_MAPPED_FILE

    /// <remarks>
    /// Not DiscardVirtualMemory, which leaves the content undefined: discarded pages read zero here. Decommitted and committed anew they do, and keep
    /// their protection. In between the promise of memory is the system's, and another process may take the last of it.
    /// </remarks>
    public override SystemError Discard(nuint address, nuint length)
    {
        for (nuint next = address; next < address + length;)
        {
            if (!Query(next, out MemoryInformation region))
            {
                return Win32Error.Last("VirtualQuery");
            }

            if (region.Type != MEM_PRIVATE || IsLarge(next))
            {
                return NotSupported("VirtualFree");
            }

            nuint part = Math.Min(region.BaseAddress + region.RegionSize, address + length) - next;
            if (region.State == MEM_COMMIT)
            {
                if (VirtualFree(next, part, MEM_DECOMMIT) == 0)
                {
                    return Win32Error.Last("VirtualFree");
                }

                CommitAgain(next, part, region.Protect);
            }

            next += part;
        }

        return SystemError.None;
    }

    public override SystemError DiscardBatch(ReadOnlySpan<(nuint Address, nuint Length)> ranges)
    {
        SystemError first = SystemError.None;
        foreach ((nuint address, nuint length) in ranges)
        {
            SystemError error = Discard(address, length);
            first = first.Failed ? first : error;
        }

        return first;
    }

    /// <remarks>Not OfferVirtualMemory, which makes the pages inaccessible: what is offered here may be touched before it is reclaimed.</remarks>
    public override SystemError Offer(nuint address, nuint length) =>
        VirtualAlloc(address, length, MEM_RESET, AnyProtection) != 0 ? SystemError.None : Win32Error.Last("VirtualAlloc");

    /// <summary>
    /// The system says whether all is there. If not, what it took reads zero, and it does not say which pages: they are looked at.
    /// </summary>
    public override SystemError Reclaim(nuint address, nuint length, out nuint lost)
    {
        lost = VirtualAlloc(address, length, MEM_RESET_UNDO, AnyProtection) != 0 ? 0 : OfferedPages.KeepLeft(address, length, PageSize);
        return SystemError.None;
    }

    public override SystemError CopyOut(nuint address, Span<byte> destination, out int copied)
    {
        fixed (byte* start = destination)
        {
            copied = Copy((nuint)start, address, destination.Length, isWrite: false);
        }

        return SystemError.None;
    }

    public override SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied)
    {
        fixed (byte* start = source)
        {
            copied = Copy((nuint)start, address, source.Length, isWrite: true);
        }

        return SystemError.None;
    }

    public override bool CanRead(nuint address)
    {
        ulong seen;
        return NtReadVirtualMemory(ProcessCalls.CurrentProcess, address, (nuint)(&seen), sizeof(ulong), out nuint count) == 0 && count == sizeof(ulong);
    }

    /// <summary>In one piece, and where that does not work page by page: the count of a copy that stopped is not to be relied on.</summary>
    private int Copy(nuint own, nuint uncertain, int length, bool isWrite)
    {
        if (CopyPiece(own, uncertain, (nuint)length, isWrite))
        {
            return length;
        }

        nuint done = 0;
        while (done < (nuint)length)
        {
            nuint piece = Math.Min(PageSize - ((uncertain + done) & (PageSize - 1)), (nuint)length - done);
            if (!CopyPiece(own + done, uncertain + done, piece, isWrite))
            {
                break;
            }

            done += piece;
        }

        return (int)done;
    }

    private static bool CopyPiece(nuint own, nuint uncertain, nuint length, bool isWrite)
    {
        int status = isWrite
            ? NtWriteVirtualMemory(ProcessCalls.CurrentProcess, uncertain, own, length, out nuint count)
            : NtReadVirtualMemory(ProcessCalls.CurrentProcess, uncertain, own, length, out count);
        return status >= 0 && count == length;
    }

    /// <summary>
    /// The part has no memory any more, and its owner's type says that it has. Another process took the promise: it is waited for. If it never comes,
    /// nothing true can be said about the pages any more.
    /// </summary>
    private static void CommitAgain(nuint address, nuint length, uint protection)
    {
        const int Patience = 1000;
        for (int attempt = 0; VirtualAlloc(address, length, MEM_COMMIT, protection) == 0; attempt++)
        {
            if (attempt == Patience)
            {
                Environment.FailFast($"MemoryPages: {length:N0} discarded bytes at 0x{address:x} could not be committed again; the process cannot go on safely.");
            }

            Thread.Sleep(1);
        }
    }
}
