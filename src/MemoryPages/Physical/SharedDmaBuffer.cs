using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>A buffer that is a file, which drivers take: memory of a heap of the kernel's, or of shared memory.</summary>
internal sealed class SharedDmaBuffer : DmaBuffer
{
    private readonly MappingHandle _mapping;
    private readonly FrameTable? _frames;
    private bool _areFramesKnown;

    private SharedDmaBuffer(SafeFileHandle handle, MappingHandle mapping, bool isOfMemory, string reason)
        : base(reason)
    {
        Handle = handle;
        _mapping = mapping;
        _frames = isOfMemory ? new FrameTable(mapping.Address, mapping.Length) : null;
    }

    public override nuint Length => _mapping.Length;

    public override SafeFileHandle Handle { get; }

    public override IReadOnlyList<DmaSegment> Segments => [.. Frames.Segments.Select(segment => new DmaSegment(segment.Address.Value, segment.Length))];

    /// <summary>Where it is in the machine. It stays there: one look is enough, which is taken when somebody asks.</summary>
    private FrameTable Frames
    {
        get
        {
            ObjectDisposedException.ThrowIf(_mapping.IsClosed, typeof(DmaBuffer));
            FrameTable frames = _frames ?? throw new NotSupportedException("The kernel does not tell where memory of its heaps is: a driver that is given the buffer knows.");
            if (!Volatile.Read(ref _areFramesKnown))
            {
                SystemError error = Look(frames);
                if (error.Failed)
                {
                    throw _mapping.Failure(error, nameof(AddressOf), _mapping.Address, Length);
                }

                Volatile.Write(ref _areFramesKnown, true);
            }

            return frames;
        }
    }

    public static SystemError TryAllocate(string heap, nuint length, string reason, out SharedDmaBuffer? buffer)
    {
        var handle = new SafeFileHandle();
        return TryMap(MemorySystem.Current.AllocateFromDmaHeap(heap, length, handle), handle, null, new PageRange(0, length), PageSize.Base, reason, out buffer);
    }

    /// <summary>Of memory that is shared, whole pages.</summary>
    public static SystemError TryMake(SafeFileHandle memory, PageRange range, nuint pageSize, string reason, out SharedDmaBuffer? buffer)
    {
        var handle = new SafeFileHandle();
        return TryMap(MemorySystem.Current.MakeDmaBuffer(memory, range.Offset, range.Length, handle), handle, memory, range, pageSize, reason, out buffer);
    }

    public override IoAddress AddressOf(nuint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        return Frames.TryAddressOf(offset, out ulong address) ? address : throw new InvalidOperationException($"The system tells no address of the page at offset {offset}.");
    }

    public override DmaAccess BeginAccess(bool forWriting = true)
    {
        ObjectDisposedException.ThrowIf(_mapping.IsClosed, typeof(DmaBuffer));
        SystemError error = MemorySystem.Current.SynchronizeDmaBuffer(Handle, forWriting, ends: false);
        return error.Failed ? throw _mapping.Failure(error, nameof(BeginAccess), _mapping.Address, Length) : new DmaAccess(Handle, forWriting);
    }

    public override ReadView Read(PageRange? range = null) => new(View(range ?? _mapping.Whole));

    public override WriteView Write(PageRange? range = null) => new(View(range ?? _mapping.Whole));

    public override void Dispose()
    {
        _mapping.CloseOnceIdle();
        Handle.Dispose();
    }

    /// <summary>Shared memory is mapped as such: the system tells of its own files where they are, and of buffers it does not.</summary>
    private static SystemError TryMap(
        SystemError made, SafeFileHandle handle, SafeFileHandle? memory, PageRange range, nuint pageSize, string reason, out SharedDmaBuffer? buffer)
    {
        buffer = null;
        SystemError error = made;
        MappingHandle? mapping = null;
        if (!error.Failed)
        {
            error = MappingHandle.TryMapFile(
                new FileRequest
                {
                    File = memory ?? handle, Offset = (long)range.Offset, Length = range.Length, PageSize = pageSize,
                    Protection = PageProtection.Read | PageProtection.Write, Backing = Backing.SharedFile,
                },
                populate: false,
                "a buffer for devices",
                out mapping);
        }

        if (error.Failed)
        {
            handle.Dispose();
            return error;
        }

        buffer = new SharedDmaBuffer(handle, mapping!, memory is not null, reason);
        return error;
    }

    /// <summary>Its pages are all there: they only have to be in this process's tables.</summary>
    private SystemError Look(FrameTable frames)
    {
        _mapping.Acquire(default);
        try
        {
            SystemError error = MemorySystem.Current.Populate(_mapping.Address, _mapping.Length, _mapping.PageSize, forWriting: true);
            return error.Failed ? error : frames.Refresh();
        }
        finally
        {
            _mapping.Release();
        }
    }

    private PageView View(PageRange range)
    {
        _mapping.ThrowIfOutside(range);
        _mapping.Acquire(range);
        return new PageView(_mapping, _mapping.Address + range.Offset, range.Length);
    }
}
