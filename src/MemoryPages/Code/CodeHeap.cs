using System.Diagnostics;
using MemoryPages.Code;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Memory for machine code made at run time: many functions in few pages, none of them ever writable and executable at once.</summary>
/// <remarks>
/// <para>
/// The heap reserves its addresses when it is made and never moves: addresses of code stay right while it grows. Where <see
/// cref="CodeHeapOptions.Near"/> says so, all of them are within reach of near calls to what is there.
/// </para>
/// <para>
/// Functions are called under a lease (<see cref="CodeBlock.Function{TSignature}"/>); while it is held their code cannot be freed or rewritten. What
/// this library promises of code is its memory: it is there, whole, as it was written, and nobody else's. What the code does is its author's.
/// </para>
/// <para>
/// Safe to use from any thread; functions may be emitted on many at once. A heap that is lost without <see cref="Dispose"/> is reported as a leak and
/// never unmapped, since addresses in it may be anywhere.
/// </para>
/// <para>
/// Linux: mmap(2) <c>PROT_NONE</c> reserves; flipped memory goes by mprotect(2), a dual mapping is memfd_create(2) mapped twice, made present by
/// madvise(2) <c>MADV_POPULATE_WRITE</c>.
/// </para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class CodeHeap : IDisposable
{
    private readonly Lock _lock = new(); // guards the space, and what becomes of the memory
    private readonly CodeSpace _space;
    private readonly CodeMemory _memory;
    private readonly PerfMap? _perfMap;
    private readonly int _alignment;
    private int _unpublished;
    private volatile bool _isDisposed;
    private volatile bool _isSealed;

    /// <summary>A heap of 16 MiB, anywhere.</summary>
    /// <exception cref="MemoryPagesException">The system refused: the message says why and what to do.</exception>
    public CodeHeap()
        : this(default)
    {
    }

    /// <summary>A heap.</summary>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A wish is out of its bounds.</exception>
    /// <exception cref="MemoryPagesException">
    /// The system refused, or there is no room within reach: the message says how near it came. <see cref="ErrorReason.AccessDenied"/> where this
    /// process may have no executable memory of its own (a sandbox, SELinux), or not in the mode that was asked for.
    /// </exception>
    public CodeHeap(in CodeHeapOptions options)
    {
        ReserveRequest request = options.ToRequest();
        SystemError error = MappingHandle.TryReserve(request, options.Name, out MappingHandle? reserved);
        if (error.Failed)
        {
            throw new MemoryPagesException(error, Failed(options, request));
        }

        error = TryCreate(options, reserved!, out CodeMemory? memory);
        if (error.Failed)
        {
            reserved!.CloseOnceIdle();
            throw new MemoryPagesException(error, Failed(options, request) with { Address = reserved.MappedAddress, Reach = 0 });
        }

        reserved!.MarkPointersEscaped();
        _memory = memory!;
        _alignment = options.FunctionAlignment;
        _space = new CodeSpace(this, (int)request.Length, _memory.Unit);
        _perfMap = options.PerfMap ? PerfMap.OfThisProcess : null;
    }

    /// <summary>How code is written: as was asked for, or what the system allowed.</summary>
    public CodeMode Mode => _memory.Mode;

    /// <summary>The first address that may hold code.</summary>
    public nuint Address => _memory.Code.Address;

    /// <summary>Bytes of addresses: all the code that the heap can hold.</summary>
    public nuint Length => _memory.Code.Length;

    /// <summary>Bytes that functions take, rounded up to what the heap deals in: the alignment where it is dual-mapped, else pages.</summary>
    public nuint UsedBytes
    {
        get
        {
            lock (_lock)
            {
                return (nuint)_space.Used;
            }
        }
    }

    /// <summary>The name it was given, or null.</summary>
    public string? Name => _memory.Code.Name;

    /// <summary>Whether <see cref="Seal"/> has succeeded.</summary>
    public bool IsSealed => _isSealed;

    private string DebuggerDisplay => $"{UsedBytes:N0} of {Length:N0} bytes used at 0x{Address:x}, {Mode}"
        + $"{(_isSealed ? ", sealed" : "")}{(_isDisposed ? ", disposed" : "")}{(Name is null ? "" : ", " + Name)}";

    /// <summary>Many functions, published together: where the heap is flipped with one call of the system for all of them.</summary>
    /// <param name="capacity">
    /// Bytes that the batch begins with where the heap is flipped, rounded up to whole pages; it takes more as it needs them.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative or 0.</exception>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    [return: Owned]
    public CodeBatch Batch(int capacity = 1 << 16)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ThrowIfDisposed();
        return new CodeBatch(this, capacity);
    }

    /// <summary>
    /// Ends all changes for the life of the process: what the heap holds cannot be rewritten, freed, unmapped or made writable again, by anybody, not
    /// even by a system call of foreign code. Nothing undoes it.
    /// </summary>
    /// <remarks>
    /// Disposing blocks and the heap ends their use, as ever; the memory stays. Losing a sealed heap is no leak. Linux: mseal(2), since 6.10; ask
    /// <c>Pages.SealingSupported</c>. A dual-mapped heap loses its writable mapping.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The heap was disposed.</exception>
    /// <exception cref="InvalidOperationException">A function is being emitted, or a batch is not published.</exception>
    /// <exception cref="MemoryPagesException">The system cannot, or refused: nothing has changed.</exception>
    public void Seal()
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (_isSealed)
            {
                return;
            }

            if (Volatile.Read(ref _unpublished) != 0)
            {
                throw new InvalidOperationException("Functions of this heap are not published yet: publish or dispose every batch first.");
            }

            SystemError error = _memory.Code.Seal();
            if (error.Failed)
            {
                throw _memory.Code.Failure(error, nameof(Seal), Address, Length);
            }

            _isSealed = true;
            _memory.EndWriting();
        }
    }

    /// <summary>Ends all use of the heap and of its functions, and unmaps it when the last lease ends. Idempotent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _memory.Close();
    }

    private static SystemError TryCreate(in CodeHeapOptions options, MappingHandle reserved, out CodeMemory? memory)
    {
        bool isDual = options.Mode == CodeMode.DualMapped || (options.Mode is null && MemorySystem.Current.PrefersDualMappedCode);
        if (!isDual)
        {
            SystemError error = FlippedMemory.TryCreate(reserved, out memory);
            if (!error.Failed || options.Mode is not null)
            {
                return error;
            }
        }

        return DualMappedMemory.TryCreate(reserved, options.FunctionAlignment, out memory);
    }

    private static FailedOperation Failed(in CodeHeapOptions options, in ReserveRequest request) =>
        new(nameof(CodeHeap), options.Name, options.Near, request.Length, PageSize.Base) { Reach = options.NearReach };

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            Throw();
        }

        static void Throw() => throw new ObjectDisposedException(nameof(CodeHeap), "This code heap has been disposed.");
    }
}
