using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>
/// A lease on executable memory with the address of a function in it: while it is held the function cannot be freed, changed or moved.
/// </summary>
/// <remarks>Only <c>using</c> can end it. Do not copy it.</remarks>
[MoveOnly]
public readonly unsafe ref struct FunctionLease : IDisposable
{
    private readonly void* _pointer;
    private readonly LeaseTicket _lease;
    private readonly Leased? _part;

    /// <param name="mapping">Leased already.</param>
    /// <param name="address">The first instruction.</param>
    /// <param name="part">The part of the mapping that is the function's own, leased already too; null for the whole.</param>
    internal FunctionLease(MappingHandle mapping, nuint address, Leased? part = null)
    {
        _lease = new LeaseTicket(mapping);
        _pointer = (void*)address;
        _part = part;
    }

    /// <summary>
    /// The function's address, to be cast to its type, for example <c>(delegate* unmanaged&lt;ulong, ulong, ulong&gt;)lease.Pointer</c>.
    /// </summary>
    /// <safety>
    /// The caller vouches that whole, valid machine code of this processor starts there, that it is called with the signature and calling
    /// convention it was written for, and only while this lease is held. No managed exception may pass through it.
    /// </safety>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public void* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            _lease.ThrowIfEnded();
            return _pointer;
        }
    }

    void IDisposable.Dispose() => End();

    internal void End()
    {
        _lease.End();
        _part?.Release();
    }
}
