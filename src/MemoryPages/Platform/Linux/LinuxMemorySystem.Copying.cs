using MemoryPages.Platform.Linux.Native;
using MemoryPages.Platform.Linux.Survival;
using static MemoryPages.Platform.Linux.Native.ContentCalls;
using static MemoryPages.Platform.Linux.Native.PipeCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Access to what may have nothing behind it: the kernel does it for us, and says EFAULT where we would have had a signal.</summary>
/// <remarks>
/// process_vm_readv(2) on the own process: one call whatever the size, no descriptor, and it sees what the process sees (private copies of file
/// pages too, unlike pread(2) of the file). It cannot reach all that the processor can (memory of devices, secret memory), and sandboxes forbid it:
/// then a pipe carries the bytes, two calls a page.
/// </remarks>
internal sealed partial class LinuxMemorySystem
{
    private readonly Lazy<TruncationSurvival?> _truncationSurvival = new(static () =>
        BusErrorCode.ForThisProcessor.IsEmpty ? null : new LinuxTruncationSurvival());

    public override TruncationSurvival? TruncationSurvival => _truncationSurvival.Value;

    public override unsafe SystemError CopyOut(nuint address, Span<byte> destination, out int copied)
    {
        fixed (byte* start = destination)
        {
            return Copy(address, (nuint)start, destination.Length, isWrite: false, out copied);
        }
    }

    public override unsafe SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied)
    {
        fixed (byte* start = source)
        {
            return Copy(address, (nuint)start, source.Length, isWrite: true, out copied);
        }
    }

    /// <param name="address">Where a page may be missing.</param>
    /// <param name="other">The caller's side, which is there.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isWrite">Whether it goes from the caller's side to the other.</param>
    /// <param name="copied">How many, up to the first page that is missing.</param>
    private unsafe SystemError Copy(nuint address, nuint other, int length, bool isWrite, out int copied)
    {
        var local = new IoVector { Base = other, Length = (nuint)length };
        IoVector remote = local with { Base = address };
        nint bytes = isWrite
            ? process_vm_writev(Environment.ProcessId, &local, 1, &remote, 1, 0)
            : process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0);
        copied = (int)Math.Max(0, bytes);
        if (copied == length || !CanReadAfter(address, copied))
        {
            return SystemError.None;
        }

        (nuint source, nuint destination) = isWrite ? (other, address) : (address, other);
        return CopyThroughPipe(source, destination, address, length, ref copied);
    }

    /// <summary>Whether what stopped the copy was not that nothing is there: the next byte, and its page, can be read.</summary>
    private bool CanReadAfter(nuint address, int copied) => CanRead(MemoryPages.PageSize.AlignDown(address + (nuint)copied, sizeof(ulong)));

    /// <summary>
    /// The kernel reads the source into a pipe and writes it out of it, and stops where a page is missing on either side. Piece by piece, up to the
    /// next page border of the side that may be missing: of a piece that it could not finish, the kernel does not say how much it did.
    /// </summary>
    private unsafe SystemError CopyThroughPipe(nuint source, nuint destination, nuint uncertain, int length, ref int copied)
    {
        int* ends = stackalloc int[2];
        if (pipe2(ends, FileKindCalls.O_CLOEXEC) != 0)
        {
            return Errno.Last("pipe2");
        }

        while (copied < length)
        {
            nuint done = (nuint)copied;
            nuint toBorder = PageSize - ((uncertain + done) & (PageSize - 1));
            nuint piece = Math.Min(toBorder, (nuint)length - done);
            if (write(ends[1], (void*)(source + done), piece) != (nint)piece || read(ends[0], (void*)(destination + done), piece) != (nint)piece)
            {
                break;
            }

            copied += (int)piece;
        }

        _ = MemoryFileCalls.close(ends[0]);
        _ = MemoryFileCalls.close(ends[1]);
        return SystemError.None;
    }
}
