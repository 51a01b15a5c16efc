using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Memory for keys and passwords: it stays in memory, out of swap, core dumps and child processes, and is overwritten at its end.</summary>
/// <remarks>
/// <para>
/// <see cref="Protection"/> says how far that goes here. Inaccessible pages stand on both sides. <see cref="Conceal"/> takes away all access between
/// uses.
/// </para>
/// <para>
/// At the end zeros are written before anything else happens, in a way that no compiler leaves out: on <see cref="Dispose"/>, when the last view
/// ends, and where the garbage collector finds it lost. A process that is killed writes nothing: the kernel clears memory before another process gets
/// it.
/// </para>
/// <para>
/// What a program copies out of it (a string, an array, a register that a context switch saves) is protected by nothing. Fill it in place, use it in
/// place.
/// </para>
/// <para>
/// Safe to use from any thread. Linux: memfd_secret(2) where the kernel has it (5.14, on by default since 6.5), else mlock(2) and madvise(2).
/// </para>
/// </remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SecretMemory : IDisposable
{
    private const PageProtection Open = PageProtection.Read | PageProtection.Write;

    private readonly MappingHandle _mapping;
    private volatile bool _isConcealed;

    private SecretMemory(MappingHandle mapping, SecretProtection protection)
    {
        _mapping = mapping;
        mapping.OwnerType = nameof(SecretMemory);
        Protection = protection;
    }

    /// <summary>
    /// Whether the running kernel can hide memory from everything but the process itself: <see cref="SecretProtection.Hidden"/>. Asked of it once.
    /// </summary>
    public static bool HidingSupported => MemorySystem.Current.SecretHidingSupported;

    /// <summary>The length in bytes, as it was asked for.</summary>
    public nuint Length => _mapping.Length;

    /// <summary>What holds for it, from before the first byte could be written.</summary>
    public SecretProtection Protection { get; }

    /// <summary>The number of open views. For diagnosis.</summary>
    public long LeaseCount => _mapping.Leases;

    /// <summary>Whether all access is taken away now.</summary>
    public bool IsConcealed => _isConcealed;

    private string DebuggerDisplay => $"{Length:N0} bytes, {Protection}{(_isConcealed ? ", concealed" : "")}"; // never its content

    /// <summary>Gets memory for a secret, zeroed.</summary>
    /// <param name="length">Bytes. Whole pages are used, and two more for the guards; what was asked for is what there is.</param>
    /// <param name="required">
    /// What must hold beyond what always does: every protection but <see cref="SecretProtection.Hidden"/> always holds.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// What is required this kernel does not have: ask <see cref="HidingSupported"/> first.
    /// </exception>
    /// <exception cref="MemoryPagesException">
    /// The limit of locked memory is reached (<see cref="ErrorReason.LockLimit"/>: the message says what raises it), or there is no memory.
    /// </exception>
    public static SecretMemory Allocate(nuint length, SecretProtection required = SecretProtection.None)
    {
        SystemError error = TryAllocate(length, required, out SecretMemory? memory);
        return memory ?? throw MappingHandle.Failure(error, nameof(Allocate), "secret memory", 0, length, PageSize.Base);
    }

    /// <summary>As <see cref="Allocate"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="memory">The memory, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    public static bool TryAllocate(nuint length, [NotNullWhen(true)] out SecretMemory? memory) => !TryAllocate(length, SecretProtection.None, out memory).Failed;

    /// <summary>A lease to read all of it. Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="InvalidOperationException">It is concealed.</exception>
    public ReadView Read() => new(View());

    /// <summary>A lease to read and write all of it. Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="InvalidOperationException">It is concealed.</exception>
    public WriteView Write() => new(View());

    /// <summary>
    /// Takes away all access until <see cref="Reveal"/>: a read by mistake, or by an attacker's, is a fault. Nothing where it is concealed already.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open.</exception>
    /// <exception cref="MemoryPagesException">The system refused: nothing has changed.</exception>
    /// <remarks>Linux: mprotect(2).</remarks>
    [Invalidates]
    public void Conceal() => Change(nameof(Conceal), concealed: true);

    /// <summary>Ends <see cref="Conceal"/>. Nothing where it is not concealed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open: it was not concealed.</exception>
    /// <exception cref="MemoryPagesException">The system refused: nothing has changed.</exception>
    public void Reveal() => Change(nameof(Reveal), concealed: false);

    /// <summary>Refuses new use, and overwrites and unmaps it when the last view ends, which is now if none is open. Idempotent.</summary>
    public void Dispose() => _mapping.CloseOnceIdle();

    private static SystemError TryAllocate(nuint length, SecretProtection required, out SecretMemory? memory)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        memory = null;
        SystemError error = MappingHandle.TryMapSecret(length, "secret memory", out SecretProtection protection, out MappingHandle? mapping);
        if (!error.Failed)
        {
            memory = new SecretMemory(mapping!, protection);
            if ((required & ~protection) != 0)
            {
                memory.Dispose();
                throw new PlatformNotSupportedException(
                    $"The protection {required & ~protection} is required and this kernel does not have it: hiding memory takes memfd_secret(2), "
                    + "Linux 5.14 with secretmem.enable=1 (the default since 6.5).");
            }
        }

        return error;
    }

    private PageView View()
    {
        _mapping.Acquire(default);
        if (_isConcealed)
        {
            _mapping.Release();
            throw new InvalidOperationException("This secret is concealed: Reveal it first.");
        }

        return new PageView(_mapping, _mapping.Address, Length);
    }

    /// <summary>For itself, so that no view is open under a protection that it does not know of.</summary>
    private void Change(string operation, bool concealed)
    {
        _mapping.EnterExclusive(operation);
        try
        {
            SystemError error = MappingHandle.ChangeProtection(
                _mapping.MappedAddress,
                _mapping.MappedLength,
                _isConcealed ? PageProtection.None : Open,
                concealed ? PageProtection.None : Open);
            if (error.Failed)
            {
                throw _mapping.Failure(error, operation, _mapping.MappedAddress, _mapping.MappedLength);
            }

            _isConcealed = concealed;
        }
        finally
        {
            _mapping.ExitExclusive();
        }
    }
}
