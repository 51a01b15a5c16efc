using static MemoryPages.Platform.MacOS.Native.MachCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Access to what may have nothing behind it: the kernel copies, and returns an error where we would have had a signal.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>
    /// Not written: MAP_RESILIENT_MEDIA gives zeros for what a private mapping's file has lost, and a shared mapping has nothing of the kind.
    /// </remarks>
    public override TruncationSurvival? TruncationSurvival => null;

    public override SystemError CopyOut(nuint address, Span<byte> destination, out int copied)
    {
        fixed (byte* start = destination)
        {
            copied = CopyByPages(address, (nuint)start, destination.Length, isWrite: false);
        }

        return SystemError.None;
    }

    public override SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied)
    {
        fixed (byte* start = source)
        {
            copied = CopyByPages(address, (nuint)start, source.Length, isWrite: true);
        }

        return SystemError.None;
    }

    public override bool CanRead(nuint address)
    {
        ulong word;
        return Copy(address, (nuint)(&word), sizeof(ulong));
    }

    /// <summary>
    /// Page by page: of a piece that it could not copy, the kernel does not say how much it did. And a page is little enough to be copied (through a
    /// buffer of the kernel's: msg_ool_size_small), where it would share more of it until it is written.
    /// </summary>
    private int CopyByPages(nuint uncertain, nuint own, int length, bool isWrite)
    {
        int done = 0;
        while (done < length)
        {
            nuint at = uncertain + (nuint)done;
            int piece = (int)Math.Min((nuint)(length - done), PageSize - (at & (PageSize - 1)));
            (nuint source, nuint destination) = isWrite ? (own + (nuint)done, at) : (at, own + (nuint)done);
            if (!Copy(source, destination, piece))
            {
                break;
            }

            done += piece;
        }

        return done;
    }

    private bool Copy(nuint source, nuint destination, int length)
    {
        ulong copied;
        return mach_vm_read_overwrite(_task, source, (ulong)length, destination, &copied) == KERN_SUCCESS;
    }
}
