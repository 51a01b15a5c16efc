using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>
/// A ring without a seam: the same memory is mapped twice in a row, so that any part of the ring is one contiguous span, wherever it starts.
/// </summary>
/// <remarks>
/// <para>
/// Its bytes exist once; what is written behind the end is what stands at the start. It costs twice its length in addresses, and memory once, page by
/// page as pages are touched. They read zero at first.
/// </para>
/// <para>
/// Safe to use from any thread, as memory is: who writes what when is the program's business. For a queue with that solved: <see cref="ByteQueue"/>.
/// </para>
/// <para>
/// Linux: memfd_create(2), mapped shared twice; the descriptor is closed at once. Nothing is charged before a page is touched: where the system
/// promises strictly (<c>vm.overcommit_memory=2</c>) or a container's limit is reached, a touch that it refuses ends the process.
/// <see cref="Prefault"/> and <see cref="Lock"/> get an exception instead. A child process shares the bytes, and does not get a copy.
/// </para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[Owner, UsableWhenSpent]
public sealed class MirroredBuffer : IDisposable
{
    private readonly MappingHandle _mapping;

    private MirroredBuffer(MappingHandle mapping)
    {
        _mapping = mapping;
        mapping.OwnerType = nameof(MirroredBuffer);
    }

    /// <summary>The length of the ring in bytes: whole pages.</summary>
    public nuint Length => _mapping.Length;

    /// <summary>The name it was given, or null.</summary>
    public string? Name => _mapping.Name;

    /// <summary>The number of open views. For diagnosis.</summary>
    public long LeaseCount => _mapping.Leases;

    internal MappingHandle Mapping => _mapping;

    private string DebuggerDisplay => $"{Length:N0} bytes twice at 0x{_mapping.Address:x}{(Name is null ? "" : ", " + Name)}";

    /// <summary>Maps a ring.</summary>
    /// <param name="length">Bytes, rounded up to <see cref="PageSize.AllocationGranularity"/>: on Linux to whole pages, on Windows to 64 KiB.</param>
    /// <param name="name">
    /// A name for errors, leak reports and the system's list of mappings. Linux shows <c>/memfd:name</c>, at most 249 bytes of UTF-8.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="MemoryPagesException">
    /// There are not twice so many addresses, no file descriptor is free, or no map entry. The size that it tells is that of the addresses.
    /// </exception>
    /// <remarks>It takes two map entries, and one file descriptor while it is created.</remarks>
    public static MirroredBuffer Create(nuint length, string? name = null)
    {
        nuint rounded = Round(length);
        SystemError error = MappingHandle.TryMapMirrored(rounded, name, out MappingHandle? mapping);
        return error.Failed
            ? throw MappingHandle.Failure(error, nameof(Create), name, 0, rounded > nuint.MaxValue / 2 ? nuint.MaxValue : 2 * rounded, PageSize.Base)
            : new MirroredBuffer(mapping!);
    }

    /// <summary>As <see cref="Create"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <param name="length">Bytes, rounded up to <see cref="PageSize.AllocationGranularity"/>: on Linux to whole pages, on Windows to 64 KiB.</param>
    /// <param name="buffer">The ring, or null.</param>
    /// <param name="name">See <see cref="Create"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    public static bool TryCreate(nuint length, [NotNullWhen(true)] out MirroredBuffer? buffer, string? name = null)
    {
        bool failed = MappingHandle.TryMapMirrored(Round(length), name, out MappingHandle? mapping).Failed;
        buffer = failed ? null : new MirroredBuffer(mapping!);
        return !failed;
    }

    /// <summary>A lease to read a part, contiguous across the seam. Use it with <c>using</c>.</summary>
    /// <param name="position">
    /// Where it starts: any number, taken modulo <see cref="Length"/>. So a counter that only grows can be given as it is. (One that overflows goes
    /// on in the right place only where the length is a power of two; at 10 GB/s that is after 58 years.)
    /// </param>
    /// <param name="length">Bytes, at most <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is more than the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public ReadView Read(nuint position, nuint length) => new(View(position, length));

    /// <summary>A lease to read and write a part, contiguous across the seam. Use it with <c>using</c>.</summary>
    /// <param name="position">Where it starts: any number, taken modulo <see cref="Length"/>; see <see cref="Read"/>.</param>
    /// <param name="length">Bytes, at most <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is more than the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public WriteView Write(nuint position, nuint length) => new(View(position, length));

    /// <summary>Makes all of it resident now, so that no access faults; or says why it cannot be.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    /// <exception cref="MemoryPagesException">There is no memory. Some pages may be resident then.</exception>
    /// <remarks>The page tables of both halves are filled; the memory is taken once.</remarks>
    public void Prefault()
    {
        using ReadView view = Read(0, 0);
        ThrowIfFailed(nameof(Prefault), Populate(_mapping));
    }

    /// <summary>Makes all of it resident and keeps it in memory until <see cref="Unlock"/> or the end.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    /// <exception cref="MemoryPagesException">The limit is reached: nothing has changed. Or a page cannot be had: nothing is locked.</exception>
    /// <remarks>
    /// Linux: mlock(2) of one half, which keeps the memory of both and is charged once to <c>RLIMIT_MEMLOCK</c>; the page tables of the other half
    /// are filled too.
    /// </remarks>
    public void Lock()
    {
        using ReadView view = Read(0, 0);
        MemorySystem system = MemorySystem.Current;
        ThrowIfFailed(nameof(Lock), system.Lock(_mapping.Address, Length, LockMode.Resident));
        SystemError error = Populate(_mapping);
        if (error.Failed)
        {
            _ = system.Unlock(_mapping.Address, Length);
            ThrowIfFailed(nameof(Lock), error);
        }
    }

    /// <summary>Ends the lock. Legal where there is none.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public void Unlock()
    {
        using ReadView view = Read(0, 0);
        ThrowIfFailed(nameof(Unlock), MemorySystem.Current.Unlock(_mapping.Address, Length));
    }

    /// <summary>
    /// How many bytes of the ring are in memory now, in whole base pages, each counted once. A snapshot. Linux: mincore(2). Windows: what is in the
    /// working set at either of its addresses.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public nuint CountResidentBytes()
    {
        using ReadView view = Read(0, 0);
        const int Chunk = 1024;
        Span<byte> first = stackalloc byte[Chunk];
        Span<byte> second = stackalloc byte[Chunk];
        nuint resident = 0;
        for (nuint offset = 0; offset < Length; offset += Chunk * PageSize.Base)
        {
            int count = (int)Math.Min(Chunk, (Length - offset) / PageSize.Base);
            ThrowIfFailed(nameof(CountResidentBytes), MemorySystem.Current.QueryResidency(_mapping.Address + offset, first[..count]));
            ThrowIfFailed(nameof(CountResidentBytes), MemorySystem.Current.QueryResidency(_mapping.Address + Length + offset, second[..count]));
            for (int i = 0; i < count; i++)
            {
                resident += (nuint)((first[i] | second[i]) & 1);
            }
        }

        return resident * PageSize.Base;
    }

    /// <summary>Refuses new use at once, and gives everything back when the last view ends. Idempotent.</summary>
    public void Dispose() => _mapping.CloseOnceIdle();

    private static nuint Round(nuint length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        nuint granularity = PageSize.AllocationGranularity; // the second half begins where a mapping can
        return PageSize.TryAlignUp(length, granularity, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, granularity);
    }

    private static SystemError Populate(MappingHandle mapping) =>
        MemorySystem.Current.Populate(mapping.Address, mapping.MappedLength, mapping.PageSize, forWriting: true);

    private void ThrowIfFailed(string operation, SystemError error)
    {
        if (error.Failed)
        {
            throw _mapping.Failure(error, operation, _mapping.Address, Length);
        }
    }

    /// <summary>Starts in the first half, so that even a view of the whole ring ends within the second.</summary>
    private PageView View(nuint position, nuint length)
    {
        nuint ring = _mapping.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ring);
        nuint offset = position < ring ? position : position % ring;
        _mapping.Acquire(default);
        return new PageView(_mapping, _mapping.Address + offset, length);
    }
}
