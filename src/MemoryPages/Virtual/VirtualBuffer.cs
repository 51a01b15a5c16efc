using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <summary>
/// Reserved addresses of which parts are committed, as memory to use, and given back. It never moves: pointers and views stay right as it grows.
/// </summary>
/// <remarks>
/// <para>
/// Reserving costs addresses and nothing else, of which a process has 128 TiB. Commit and decommit are idempotent and by part. What is committed
/// reads zero, costs memory from its first touch, and is charged to what the system can promise from the commit on.
/// </para>
/// <para>Safe to use from any thread. Verbs that take memory away need the buffer for themselves: no view may be open.</para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class VirtualBuffer : IDisposable
{
    private readonly CommitMap _map = new(); // and the lock that guards it
    private readonly MappingHandle _mapping;
    private readonly bool _isHuge;
    private readonly NumaPolicy _numaPolicy;

    private VirtualBuffer(MappingHandle mapping, in ReserveOptions options)
    {
        _mapping = mapping;
        mapping.OwnerType = nameof(VirtualBuffer);
        _numaPolicy = options.NumaPolicy;
        _isHuge = options.TransparentHugePages;
        if (_isHuge)
        {
            AdviseHuge(mapping.MappedAddress, mapping.MappedLength);
        }
    }

    /// <summary>The reserved length in bytes: whole pages.</summary>
    public nuint Length => _mapping.Length;

    /// <summary>The bytes that are committed, guards among them.</summary>
    public nuint CommittedBytes
    {
        get
        {
            lock (_map)
            {
                return _map.Committed;
            }
        }
    }

    /// <summary>The name it was given, or null.</summary>
    public string? Name => _mapping.Name;

    /// <summary>The number of open views. For diagnosis.</summary>
    public long LeaseCount => _mapping.Leases;

    private string DebuggerDisplay => $"{CommittedBytes:N0} of {Length:N0} bytes committed at 0x{_mapping.Address:x}{(Name is null ? "" : ", " + Name)}";

    /// <summary>Takes addresses.</summary>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="MemoryPagesException">
    /// There are not so many addresses: no process has, <c>ulimit -v</c> forbids it, or none in the wished bounds.
    /// </exception>
    /// <remarks>Linux: mmap(2) with <c>PROT_NONE</c>, which charges nothing.</remarks>
    public static VirtualBuffer Reserve(nuint length, in ReserveOptions options = default)
    {
        ReserveRequest request = options.ToRequest(length);
        SystemError error = MappingHandle.TryReserve(request, options.Name, out MappingHandle? mapping);
        return error.Failed
            ? throw MappingHandle.Failure(error, nameof(Reserve), options.Name, request.LowestAddress, request.Length, PageSize.Base)
            : new VirtualBuffer(mapping!, options);
    }

    /// <summary>
    /// As <see cref="Reserve(nuint, in ReserveOptions)"/>; false where there are not so many addresses. Allocates nothing then, unless there are
    /// address bounds to search between.
    /// </summary>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="options">Further wishes.</param>
    /// <param name="buffer">The buffer, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static bool TryReserve(nuint length, in ReserveOptions options, [NotNullWhen(true)] out VirtualBuffer? buffer)
    {
        bool failed = MappingHandle.TryReserve(options.ToRequest(length), options.Name, out MappingHandle? mapping).Failed;
        buffer = failed ? null : new VirtualBuffer(mapping!, options);
        return !failed;
    }

    /// <summary>A lease to read committed bytes. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; not rounded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="InvalidOperationException">Some of it is not committed, is a guard, or may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public ReadView Read(PageRange range) => new(View(range, PageProtection.Read));

    /// <summary>A lease to read and write committed bytes. Use it with <c>using</c>.</summary>
    /// <param name="range">The bytes; not rounded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="InvalidOperationException">Some of it is not committed, is a guard, or may not be written.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public WriteView Write(PageRange range) => new(View(range, PageProtection.Read | PageProtection.Write));

    /// <summary>Gives everything back, when the last view ends. Idempotent.</summary>
    public void Dispose() => _mapping.CloseOnceIdle();

    /// <summary>A wish, repeated where a part was mapped anew: it may fail, and the pages are ordinary ones then.</summary>
    private static void AdviseHuge(nuint address, nuint length) => _ = MemorySystem.Current.Advise(address, length, Advice.HugePage);

    private PageView View(PageRange range, PageProtection needed)
    {
        _mapping.Acquire(range);
        bool allowed = false;
        try
        {
            _mapping.ThrowIfOutside(range);
            lock (_map)
            {
                allowed = _map.Allows(range.Offset, range.Offset + range.Length, needed);
            }

            return allowed
                ? new PageView(_mapping, _mapping.Address + range.Offset, range.Length)
                : throw new InvalidOperationException(
                    $"Bytes {range.Offset} to {range.Offset + range.Length} are not all committed memory to {(needed == PageProtection.Read ? "read" : "write")}: "
                    + "Commit them, or end the guard or the protection that is on them.");
        }
        finally
        {
            if (!allowed)
            {
                _mapping.Release();
            }
        }
    }
}
