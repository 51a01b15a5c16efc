using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What errors mean of buffers that are passed to drivers.</summary>
internal static class LinuxDmaBufferDiagnosis
{
    public const string Heaps = "/dev/dma_heap";
    public const string Maker = "/dev/udmabuf";

    /// <summary>Not "open" alone: a heap is no file to who asked for a buffer.</summary>
    public const string OpenHeap = "open " + Heaps;

    public const string OpenMaker = "open " + Maker;

    private const string LengthLimit = "/sys/module/udmabuf/parameters/size_limit_mb";

    /// <returns>Null where it is nothing of theirs.</returns>
    public static Diagnosis? Of(SystemError error, in FailedOperation operation) => (error.Call, error.Code) switch
    {
        (OpenHeap, Errno.ENOENT) => new(ErrorReason.NotSupported, $"There is no such heap: {Found()}."),
        (OpenMaker, Errno.ENOENT or Errno.ENODEV) => new(ErrorReason.NotSupported,
            $"The kernel makes no buffers of shared memory: {Maker} is not there (modprobe udmabuf; its option is CONFIG_UDMABUF). {Found()}."),
        (OpenHeap or OpenMaker, Errno.EACCES or Errno.EPERM) => new(ErrorReason.AccessDenied,
            $"This user may not open {(error.Call == OpenMaker ? Maker : $"{Heaps}/{operation.Subject}")}: root gives it away with chown, chmod or a rule of udev."),
        (nameof(DmaBufferCalls.DMA_HEAP_IOCTL_ALLOC), Errno.ENOMEM) => new(ErrorReason.OutOfMemory,
            "The heap has no memory left for it; of a contiguous one, none in a row: boot with a larger one (cma=SIZE)."),
        (nameof(DmaBufferCalls.DMA_HEAP_IOCTL_ALLOC), Errno.EINVAL) => new(ErrorReason.OutOfMemory, "No heap has that much."),
        (nameof(DmaBufferCalls.UDMABUF_CREATE), Errno.EINVAL) when operation.Length > MostBytes => new(ErrorReason.NotSupported,
            LinuxDiagnosis.Text($"The kernel makes buffers of at most {MostBytes:N0} bytes of shared memory: raise {LengthLimit}.")),
        (nameof(DmaBufferCalls.UDMABUF_CREATE), Errno.EINVAL) => new(ErrorReason.NotSupported, "The shared memory must be sealed against getting shorter (SharedMemorySeals.Shrink), "
            + "not against writing, and offset and length whole pages within it."),
        (nameof(DmaBufferCalls.UDMABUF_CREATE), Errno.EBADFD or Errno.EBADF) => new(ErrorReason.NotSupported, "The handle is not shared memory (SharedMemory.Create)."),
        (nameof(DmaBufferCalls.DMA_BUF_IOCTL_SYNC), Errno.EIO) => new(ErrorReason.InputOutput, "The device that uses the buffer has failed."),
        _ => null,
    };

    private static ulong MostBytes => (ulong)LinuxFiles.ReadNumber(LengthLimit) is var megabytes and not 0 ? megabytes << 20 : ulong.MaxValue;

    private static string Found() => MemorySystem.Current.DmaHeaps is { Count: > 0 } heaps
        ? $"{Heaps} has {string.Join(", ", heaps)}"
        : $"{Heaps} is not there (the kernel's options are CONFIG_DMABUF_HEAPS, CONFIG_DMABUF_HEAPS_SYSTEM, CONFIG_DMABUF_HEAPS_CMA)";
}
