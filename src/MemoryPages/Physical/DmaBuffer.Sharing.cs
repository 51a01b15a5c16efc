using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Physical;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Buffers for devices that drivers of the kernel drive: a display, a camera, a codec, a network interface.</content>
public abstract partial class DmaBuffer
{
    /// <summary>What any driver takes, and lies in pages anywhere.</summary>
    private const string SystemHeap = "system";

    /// <summary>
    /// The buffer as drivers take it (DMA-BUF): its descriptor is passed to the request of a driver that imports buffers, or to another process. It
    /// is this object's own and ends with it; a driver that imported it keeps the memory. Null where the memory is not to be passed on.
    /// </summary>
    public virtual SafeFileHandle? Handle => null;

    /// <summary>
    /// The names of the kernel's heaps: <c>system</c> for pages anywhere, others, mostly of contiguous memory, by the machine's configuration. Also
    /// those that this process may not use. Empty where there are none.
    /// </summary>
    /// <remarks>Linux: <c>/dev/dma_heap</c>.</remarks>
    public static IReadOnlyList<string> Heaps => MemorySystem.Current.DmaHeaps;

    /// <summary>
    /// Allocates a buffer that drivers of the kernel can use, zeroed; it stays where it is in physical memory. See <see cref="Handle"/>.
    /// </summary>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="options">Wishes; <c>default</c> for the best that there is, and <see cref="Reason"/> tells what that was.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The heap's name is none.</exception>
    /// <exception cref="MemoryPagesException">
    /// The kernel has no such heap, and none that would do (<see cref="ErrorReason.NotSupported"/>); this user may not use it; it has no memory left.
    /// </exception>
    /// <remarks>
    /// <para>
    /// Where devices find it their drivers know. <see cref="Address"/> and <see cref="Segments"/> are known here of shared memory only, and are its
    /// physical addresses: true for devices that no IOMMU translates for. Of a heap the kernel tells none (<see cref="NotSupportedException"/>).
    /// </para>
    /// <para>
    /// Linux: the heap <c>system</c> where this process may use it; else pages of shared memory (<c>/dev/udmabuf</c>), of which the kernel takes 64
    /// MiB for one buffer unless told otherwise; else any other heap. Contiguous ones from the other heaps only. The memory is not counted as locked,
    /// nor in a control group on most kernels.
    /// </para>
    /// </remarks>
    [return: Owned]
    public static DmaBuffer AllocateShared(nuint length, in DmaBufferOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (options.Heap is { } heap && (heap.Length == 0 || heap.Contains('/', StringComparison.Ordinal) || heap[0] == '.'))
        {
            throw new ArgumentException($"'{heap}' is no name of a heap.", nameof(options));
        }

        if (!PageSize.TryAlignUp(length, PageSize.Base, out nuint rounded))
        {
            rounded = PageSize.AlignDown(nuint.MaxValue, PageSize.Base); // more than any system has: it will say so
        }

        SystemError first = TryAllocateShared(rounded, options, out string? failed, out DmaBuffer? buffer);
        return buffer ?? throw MappingHandle.Failure(first, nameof(AllocateShared), failed, 0, rounded, PageSize.Base);
    }

    /// <summary>Makes a buffer of memory that is shared: the same pages, with nothing copied, which stay where they are from then on.</summary>
    /// <param name="memory">
    /// The memory: <see cref="SharedMemory.Handle"/> of one that is sealed against getting shorter (<see cref="SharedMemorySeals.Shrink"/>). It need
    /// not stay open.
    /// </param>
    /// <param name="range">Which part, in whole pages of the kind that it is made of; null for all.</param>
    /// <exception cref="ArgumentException">The range is not whole pages, or it is empty.</exception>
    /// <exception cref="MemoryPagesException">
    /// The kernel cannot (<see cref="ErrorReason.NotSupported"/>): it has no <c>/dev/udmabuf</c>, the memory is not shared memory or not sealed, the
    /// buffer is longer than the kernel makes them. Or this user may not.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The memory's handle is closed.</exception>
    /// <remarks>
    /// Linux: <c>UDMABUF_CREATE</c>. All of it is made resident. Its addresses are physical ones: see <see cref="AllocateShared"/>.
    /// </remarks>
    [return: Owned]
    public static DmaBuffer Share(SafeFileHandle memory, PageRange? range = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        SystemError error = MemorySystem.Current.QueryFile(memory, out FileFacts facts);
        PageRange part = range ?? new PageRange(0, (nuint)facts.Length);
        SharedDmaBuffer? buffer = null;
        if (!error.Failed)
        {
            if (part.Length == 0 || !PageSize.IsAligned(part.Offset, facts.PageSize) || !PageSize.IsAligned(part.Length, facts.PageSize))
            {
                throw new ArgumentException($"A buffer is whole pages: offset and length must be multiples of {facts.PageSize}, and the length not 0.", nameof(range));
            }

            error = SharedDmaBuffer.TryMake(memory, part, facts.PageSize, "Pages of shared memory, which a driver is given by udmabuf.", out buffer);
        }

        return buffer ?? throw MappingHandle.Failure(error, nameof(Share), null, 0, part.Length, PageSize.Base);
    }

    /// <summary>
    /// Begins a time in which the processor reads and writes the buffer (by views): what devices wrote before is seen in it, and what was written
    /// here is seen by devices after its end. Use it with <c>using</c>, around the view.
    /// </summary>
    /// <param name="forWriting">Whether the processor writes too.</param>
    /// <exception cref="MemoryPagesException">A device that uses the buffer has failed.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <remarks>
    /// Nothing where processor and devices see the same without it: memory that an IOMMU maps for this process, and physical memory, on machines
    /// whose devices look into the processor's caches, as all do that this library runs on. Linux: <c>DMA_BUF_IOCTL_SYNC</c>, which also waits for
    /// devices that are at it.
    /// </remarks>
    public virtual DmaAccess BeginAccess(bool forWriting = true) => default;

    private static IEnumerable<string> OtherHeaps => Heaps.Where(heap => heap != SystemHeap);

    /// <summary>One source after the other. What is told of a failure is what the best of them said.</summary>
    private static SystemError TryAllocateShared(nuint length, in DmaBufferOptions options, out string? failed, out DmaBuffer? buffer)
    {
        (failed, buffer) = (null, null);
        SystemError first = default;
        IEnumerable<string> heaps = options switch
        {
            { Heap: { } wished } => [wished],
            { Contiguous: true } => OtherHeaps.DefaultIfEmpty("contiguous"), // no such name: the error tells which there are
            _ => [SystemHeap],
        };
        foreach (string heap in heaps)
        {
            SystemError error = TryAllocateFrom(heap, length, options, out buffer);
            if (!error.Failed)
            {
                return error;
            }

            if (!first.Failed)
            {
                (first, failed) = (error, heap);
            }
        }

        if (options is { Heap: null, Contiguous: false })
        {
            SystemError error = TryAllocateSealed(length, first, out buffer);
            if (error.Failed && MemorySystem.Current.DmaHeaps.Count == 0)
            {
                (first, failed) = (error, null); // there is no heap: udmabuf is the one to tell of
            }

            if (buffer is null)
            {
                buffer = OtherHeaps.Select(heap => TryAllocateFrom(heap, length, default, out DmaBuffer? other).Failed ? null : other).FirstOrDefault(other => other is not null);
            }
        }

        return buffer is null ? first : SystemError.None;
    }

    private static SystemError TryAllocateFrom(string heap, nuint length, in DmaBufferOptions options, out DmaBuffer? buffer)
    {
        SystemError error = SharedDmaBuffer.TryAllocate(heap, length, $"Memory of the kernel's heap '{heap}'{(options.Contiguous ? ", in a row" : "")}.", out SharedDmaBuffer? shared);
        buffer = shared;
        return error;
    }

    /// <summary>Shared memory that is there for this buffer alone: the buffer keeps its pages.</summary>
    private static SystemError TryAllocateSealed(nuint length, SystemError noHeap, out DmaBuffer? buffer)
    {
        buffer = null;
        MemorySystem system = MemorySystem.Current;
        using var memory = new SafeFileHandle();
        SystemError error = system.CreateSharedMemory(length, PageSize.Base, "buffer for devices", memory);
        if (!error.Failed)
        {
            error = system.AddSeals(memory, SharedMemorySeals.Shrink);
        }

        if (!error.Failed)
        {
            error = SharedDmaBuffer.TryMake(memory, new PageRange(0, length), PageSize.Base, "Pages of shared memory, which a driver is given by udmabuf: of the heap "
                + $"'{SystemHeap}' the system said {system.ErrorSymbol(noHeap.Code)}.", out SharedDmaBuffer? shared);
            buffer = shared;
        }

        return error;
    }
}
