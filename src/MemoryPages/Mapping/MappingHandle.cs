using System.Diagnostics.CodeAnalysis;
using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>The one owner of a mapped address range. Nothing above this floor unmaps.</summary>
/// <remarks>
/// <para>
/// A range has one owner for life; the typed handles above pass it on at each transition. The owner counts leases (<see cref="Leased.Acquire"/>),
/// gives exclusive access for changes (<see cref="Leased.EnterExclusive"/>), and closes: at once for new use, in fact when the last lease ends.
/// </para>
/// <para>
/// It is not a SafeHandle. Its own word says "leased", "being changed" and "closed" apart, which a SafeHandle's count cannot; and a SafeHandle is an
/// object with a finalizer, which alone costs 100 ns beside a pair of system calls: 1.05 times their time. The finalizer is lent by a
/// <see cref="MappingSentinel"/>, which is used again.
/// </para>
/// </remarks>
internal sealed partial class MappingHandle : Leased
{
    private readonly MappingSentinel _sentinel;
    private readonly string? _allocationStack;
    private MappedRange _range;
    private volatile bool _pointersEscaped;
    private volatile bool _spansEscaped;

    /// <param name="range">Where it is mapped; <c>default</c> with a zero <paramref name="mappedLength"/> for an empty file.</param>
    /// <param name="offset">Bytes from the mapped address to the first of the user's.</param>
    /// <param name="length">The user's bytes.</param>
    /// <param name="mappedLength">Bytes mapped: a multiple of <paramref name="pageSize"/>.</param>
    /// <param name="pageSize">The page that this memory is made of.</param>
    /// <param name="alignment">What the address is a multiple of, also after a move.</param>
    /// <param name="backing">What gives the content.</param>
    /// <param name="name">The user's name for it.</param>
    public MappingHandle(
        MappedRange range, nuint offset, nuint length, nuint mappedLength, nuint pageSize, nuint alignment, Backing backing, string? name)
    {
        // First what can fail, so that the caller, which unmaps then, is the only one to know of the range.
        _allocationStack = Hardening.IsOn ? Environment.StackTrace : null;
        _sentinel = MappingSentinel.For(this);

        // A mapping of nothing still has an aligned address that is not null, as spans and callers expect.
        _range = mappedLength == 0 ? new MappedRange(pageSize, pageSize, 0) : range;
        Address = _range.Address + offset;
        Length = length;
        MappedLength = mappedLength;
        PageSize = pageSize;
        Alignment = alignment;
        Backing = backing;
        Name = name;
    }

    /// <summary>The user's first byte.</summary>
    public nuint Address { get; private set; }

    /// <summary>The user's bytes.</summary>
    public nuint Length { get; private set; }

    /// <summary>The first mapped byte: at or before <see cref="Address"/>.</summary>
    public nuint MappedAddress => _range.Address;

    public nuint MappedLength { get; private set; }

    public nuint PageSize { get; }

    public nuint Alignment { get; }

    public Backing Backing { get; }

    public bool IsFileBacked => Backing != Backing.Memory;

    public string? Name { get; }

    /// <summary>The public type that owns it, by its name: for who uses it after its end.</summary>
    public string OwnerType { get; set; } = "Pages";

    /// <summary>A raw pointer was handed out: a lost handle must not unmap what it may still point to.</summary>
    public void MarkPointersEscaped() => _pointersEscaped = true;

    /// <summary>A span that no view bounds was handed out: the addresses are kept out of use for a while after the end.</summary>
    public void MarkSpansEscaped() => _spansEscaped = true;

    /// <summary>What the system refused, as an exception.</summary>
    public static MemoryPagesException Failure(SystemError error, string operation, string? name, nuint address, nuint length, nuint pageSize) =>
        new(error, new FailedOperation(operation, name, address, length, pageSize));

    /// <param name="error">The refusal.</param>
    /// <param name="operation">The operation of this library.</param>
    /// <param name="address">The first address.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="wished">The protection that was wished, where one was: what is missing for it can then be said.</param>
    public MemoryPagesException Failure(
        SystemError error, string operation, nuint address, nuint length, PageProtection wished = PageProtection.None) =>
        new(error, new FailedOperation(operation, Name, address, length, PageSize) { Backing = Backing, Wished = wished, IsSealed = _isSealed });

    /// <summary>Changes the protection of the whole, under exclusive access; nothing has changed when it fails.</summary>
    public SystemError ChangeProtection(PageProtection current, PageProtection wished)
    {
        SystemError error = ChangeProtection(MappedAddress, MappedLength, current, wished);
        if (!error.Failed)
        {
            _survival?.Protect(wished);
        }

        return error;
    }

    /// <summary>
    /// Changes the protection of a part; nothing has changed when it fails. Turning executable, instruction fetch is made to see what was written.
    /// </summary>
    public static SystemError ChangeProtection(nuint address, nuint length, PageProtection current, PageProtection wished)
    {
        if (current == wished || length == 0)
        {
            return SystemError.None;
        }

        MemorySystem system = MemorySystem.Current;
        SystemError error = system.Protect(address, length, wished);
        if (error.Failed)
        {
            // Where advice or locks have split the range, the system stops half-way: what it did already is undone.
            _ = system.Protect(address, length, current);
        }
        else if ((wished & PageProtection.Execute) != 0 && (current & PageProtection.Execute) == 0)
        {
            system.PublishCode(address, length);
        }

        return error;
    }

    /// <summary>
    /// The owner was lost. Unmaps only what provably nothing points to: no lease is open and no raw pointer or span was handed out. Otherwise the
    /// memory stays, and either way the leak is reported. Called by the finalizer thread.
    /// </summary>
    public void OnLost()
    {
        if (_isMeantToStay)
        {
            return;
        }

        long leases = Leases;
        bool unmapped = leases == 0 && !_pointersEscaped && !_spansEscaped;
        if (unmapped)
        {
            Unmap();
        }

        LeakObserver?.Invoke(new LostMapping(Address, Length, Name, leases, unmapped, _allocationStack));
    }

    /// <summary>Told by the finalizer thread of each mapping that was lost without being closed.</summary>
    internal static Action<LostMapping>? LeakObserver { get; set; }

    private protected override string Subject => "the pages";

    [DoesNotReturn]
    private protected override void ThrowClosed() => throw new ObjectDisposedException(OwnerType, "It has been disposed.");

    private protected override void End()
    {
        _sentinel.Disarm();
        Unmap();
        _sentinel.GiveBack();
    }

    private void Unmap()
    {
        _survival?.End(); // before the addresses can be a stranger's
        if (_isSecret)
        {
            MemorySystem.Current.Wipe(MappedAddress, MappedLength);
        }

        bool keepAddresses = _spansEscaped || Hardening.IsOn;
        if (keepAddresses && GivesLength)
        {
            GiveRoomBack();
        }

        if (MappedLength != 0 && !_isSealed)
        {
            Quarantine.Release(_range, keepAddresses);
        }

        _kept?.Dispose();
        _heldUntilEnd?.Dispose();
    }
}

/// <summary>What the finalizer knows of a mapping that nobody closed.</summary>
internal readonly record struct LostMapping(nuint Address, nuint Length, string? Name, long Leases, bool Unmapped, string? AllocationStack);
