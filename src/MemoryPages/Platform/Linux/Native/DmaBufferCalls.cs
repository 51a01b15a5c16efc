namespace MemoryPages.Platform.Linux.Native;

/// <summary>The requests of DMA-BUF heaps, of udmabuf, and of the buffers that they make.</summary>
/// <remarks>Constants and structures: linux/dma-heap.h, linux/udmabuf.h, linux/dma-buf.h; the same on x86-64 and arm64.</remarks>
internal static class DmaBufferCalls
{
    public const nuint DMA_HEAP_IOCTL_ALLOC = 0xC018_4800;
    public const nuint UDMABUF_CREATE = 0x4018_7542;
    public const nuint DMA_BUF_IOCTL_SYNC = 0x4008_6200;

    public const uint UDMABUF_FLAGS_CLOEXEC = 1;

    public const ulong DMA_BUF_SYNC_READ = 1;
    public const ulong DMA_BUF_SYNC_RW = 3;
    public const ulong DMA_BUF_SYNC_END = 4;

    /// <summary>struct dma_heap_allocation_data. The kernel writes the descriptor.</summary>
    public struct HeapAllocation
    {
        public ulong Length;
        public uint Descriptor;
        public uint DescriptorFlags;
        public ulong HeapFlags;
    }

    /// <summary>struct udmabuf_create. The call gives the descriptor.</summary>
    public struct BufferCreation
    {
        public uint Memory;
        public uint Flags;
        public ulong Offset;
        public ulong Length;
    }
}
