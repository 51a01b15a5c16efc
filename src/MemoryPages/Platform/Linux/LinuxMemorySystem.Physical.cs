using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.PageMapCalls;
using static MemoryPages.Platform.Linux.Native.RingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Frames as /proc/self/pagemap shows them, and what holds pages in them.</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    private readonly Lock _pageMapLock = new();
    private SafeFileHandle? _pageMap;

    public override SystemError ProbePhysicalAddresses()
    {
        ulong frame;
        uint touched = 1; // its page is of this thread's stack, and there
        return ReadFrames(MemoryPages.PageSize.AlignDown((nuint)(&touched), PageSize), new Span<ulong>(&frame, 1));
    }

    public override bool LockedPagesStay => LinuxFiles.ReadList("/proc/sys/vm/compact_unevictable_allowed") is [0]; // missing: no compaction, or no answer

    public override SystemError NoSuchFrames => new(LinuxPhysicalDiagnosis.FrameSearch, Errno.ENOMEM);

    public override SystemError ReadFrames(nuint address, Span<ulong> frames)
    {
        SystemError error = PageMapOf(out SafeFileHandle? pageMap);
        if (error.Failed)
        {
            return error;
        }

        error = ReadEntries(pageMap!, address, frames);
        for (int i = 0; i < frames.Length && !error.Failed; i++)
        {
            error = ToFrame(ref frames[i]);
        }

        if (error.Code == Errno.EPERM)
        {
            ForgetPageMap(pageMap!); // what it shows was settled when it was opened: a privilege that comes later needs it anew
        }

        return error;
    }

    public override SystemError Pin(nuint address, nuint length, SafeFileHandle pin)
    {
        byte* parameters = stackalloc byte[SizeOfParameters];
        new Span<byte>(parameters, SizeOfParameters).Clear();
        nuint parts = (length + LongestBuffer - 1) / LongestBuffer;
        if (parts > MostBuffers)
        {
            return new SystemError("io_uring_register", Errno.EINVAL); // what the kernel would say
        }

        int ring = (int)io_uring_setup(SYS_io_uring_setup, 1, parameters);
        if (ring < 0)
        {
            return Errno.Last("io_uring_setup");
        }

        Marshal.InitHandle(pin, ring);
        SystemError error = Register(pin, address, length, (int)parts);
        if (error.Failed)
        {
            pin.Close();
        }

        return error;
    }

    /// <remarks>Closing the ring would let the pages go some time later: counters of the pool would be read before.</remarks>
    public override void Unpin(SafeFileHandle pin)
    {
        if (pin.IsInvalid)
        {
            return;
        }

        _ = io_uring_register(SYS_io_uring_register, pin, IORING_UNREGISTER_BUFFERS, null, 0);
        pin.Dispose();
    }

    private static SystemError Register(SafeFileHandle ring, nuint address, nuint length, int parts)
    {
        Span<ContentCalls.IoVector> buffers = parts <= 16 ? stackalloc ContentCalls.IoVector[parts] : new ContentCalls.IoVector[parts];
        for (int i = 0; i < parts; i++)
        {
            nuint done = (nuint)i * LongestBuffer;
            buffers[i] = new ContentCalls.IoVector { Base = address + done, Length = Math.Min(LongestBuffer, length - done) };
        }

        fixed (ContentCalls.IoVector* first = buffers)
        {
            return io_uring_register(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, first, parts) == 0
                ? SystemError.None
                : Errno.Last("io_uring_register");
        }
    }

    private static SystemError ToFrame(ref ulong entry)
    {
        ulong seen = entry;
        if ((seen & Present) == 0)
        {
            entry = PhysicalFrame.Absent;
        }
        else if ((seen & FrameMask) == 0)
        {
            return new SystemError(LinuxPhysicalDiagnosis.PageMap, Errno.EPERM); // present, and not for this process to know where
        }
        else
        {
            entry = (seen & (Shared | Exclusive)) == 0 ? PhysicalFrame.CopyOnWrite : (seen & FrameMask) * (ulong)Environment.SystemPageSize;
        }

        return SystemError.None;
    }

    private SystemError ReadEntries(SafeFileHandle pageMap, nuint address, Span<ulong> entries)
    {
        fixed (ulong* start = entries)
        {
            for (nuint done = 0, bytes = (nuint)entries.Length * sizeof(ulong); done < bytes;)
            {
                nint count = pread(pageMap, (byte*)start + done, bytes - done, (long)((address / PageSize * sizeof(ulong)) + done));
                if (count < 0)
                {
                    SystemError error = Errno.Last(LinuxPhysicalDiagnosis.PageMap);
                    if (error.Code != Errno.EINTR)
                    {
                        return error;
                    }
                }
                else if (count == 0)
                {
                    new Span<byte>((byte*)start + done, (int)(bytes - done)).Clear(); // beyond what programs have: no page is there
                    break;
                }
                else
                {
                    done += (nuint)count;
                }
            }
        }

        return SystemError.None;
    }

    /// <summary>Opened once: opening costs many times what reading does.</summary>
    private SystemError PageMapOf(out SafeFileHandle? pageMap)
    {
        pageMap = Volatile.Read(ref _pageMap);
        if (pageMap is not null)
        {
            return SystemError.None;
        }

        lock (_pageMapLock)
        {
            pageMap = _pageMap;
            if (pageMap is not null)
            {
                return SystemError.None;
            }

            var file = new SafeFileHandle();
            SystemError error = OpenFile("/proc/self/pagemap", forWriting: false, file);
            if (error.Failed)
            {
                file.Dispose();
                return new SystemError(LinuxPhysicalDiagnosis.OpenPageMap, error.Code);
            }

            Volatile.Write(ref _pageMap, file);
            pageMap = file;
            return SystemError.None;
        }
    }

    /// <remarks>Not closed here: another thread may be reading it. The handle closes it when nobody has it any more.</remarks>
    private void ForgetPageMap(SafeFileHandle pageMap) => Interlocked.CompareExchange(ref _pageMap, null, pageMap);
}
