using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.DeviceCalls;
using static MemoryPages.Platform.Linux.Native.DmaBufferCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>DMA-BUF: buffers that are files, made by heaps of the kernel (/dev/dma_heap) or of shared memory (/dev/udmabuf).</summary>
/// <remarks>Documentation/userspace-api/dma-heaps.rst, Documentation/driver-api/dma-buf.rst of the kernel.</remarks>
internal sealed unsafe partial class LinuxMemorySystem
{
    public override IReadOnlyList<string> DmaHeaps => Directory.Exists(LinuxDmaBufferDiagnosis.Heaps)
        ? [.. Directory.EnumerateFileSystemEntries(LinuxDmaBufferDiagnosis.Heaps).Select(Path.GetFileName).Order(StringComparer.Ordinal)!]
        : [];

    public override SystemError AllocateFromDmaHeap(string heap, nuint length, SafeFileHandle buffer)
    {
        using var file = new SafeFileHandle();
        SystemError error = OpenFile($"{LinuxDmaBufferDiagnosis.Heaps}/{heap}", forWriting: true, file);
        if (error.Failed)
        {
            return new SystemError(LinuxDmaBufferDiagnosis.OpenHeap, error.Code);
        }

        var allocation = new HeapAllocation { Length = length, DescriptorFlags = FileKindCalls.O_RDWR | FileKindCalls.O_CLOEXEC };
        if (ioctl(file, DMA_HEAP_IOCTL_ALLOC, &allocation) != 0)
        {
            return Errno.Last(nameof(DMA_HEAP_IOCTL_ALLOC));
        }

        Marshal.InitHandle(buffer, (nint)allocation.Descriptor);
        return SystemError.None;
    }

    public override SystemError MakeDmaBuffer(SafeFileHandle memory, nuint offset, nuint length, SafeFileHandle buffer)
    {
        using var file = new SafeFileHandle();
        SystemError error = OpenFile(LinuxDmaBufferDiagnosis.Maker, forWriting: true, file);
        if (error.Failed)
        {
            return new SystemError(LinuxDmaBufferDiagnosis.OpenMaker, error.Code);
        }

        using var held = new HeldDescriptor(memory);
        var creation = new BufferCreation { Memory = (uint)held.Number, Flags = UDMABUF_FLAGS_CLOEXEC, Offset = offset, Length = length };
        int descriptor = ioctl(file, UDMABUF_CREATE, &creation);
        if (descriptor < 0)
        {
            return Errno.Last(nameof(UDMABUF_CREATE));
        }

        Marshal.InitHandle(buffer, descriptor);
        return SystemError.None;
    }

    public override SystemError SynchronizeDmaBuffer(SafeFileHandle buffer, bool forWriting, bool ends)
    {
        ulong flags = (forWriting ? DMA_BUF_SYNC_RW : DMA_BUF_SYNC_READ) | (ends ? DMA_BUF_SYNC_END : 0);
        while (ioctl(buffer, DMA_BUF_IOCTL_SYNC, &flags) != 0)
        {
            SystemError error = Errno.Last(nameof(DMA_BUF_IOCTL_SYNC));
            if (error.Code is not (Errno.EINTR or Errno.EAGAIN)) // which the kernel's documentation says to try again after
            {
                return error;
            }
        }

        return SystemError.None;
    }
}
