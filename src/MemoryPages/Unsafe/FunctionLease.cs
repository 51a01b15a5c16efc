using MemoryPages.Mapping;
using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>A lease on executable pages with the address of a function in them: while it is held they cannot be freed, changed or moved.</summary>
/// <remarks>Only <c>using</c> can end it. Do not copy it.</remarks>
[MoveOnly]
public readonly unsafe ref struct FunctionLease : IDisposable
{
    private readonly void* _pointer;
    private readonly LeaseTicket _lease;

    internal FunctionLease(MappingHandle mapping, nuint address)
    {
        _lease = new LeaseTicket(mapping);
        _pointer = (void*)address;
    }

    /// <summary>The function's address, to be cast to its type, for example <c>(delegate* unmanaged&lt;ulong, ulong, ulong&gt;)lease.Pointer</c>.</summary>
    /// <safety>
    /// The caller vouches that whole, valid machine code of this processor starts there, that it is called with the signature and calling
    /// convention it was written for, and only while this lease is held. No managed exception may pass through it.
    /// </safety>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public void* Pointer
    {
        get
        {
            _lease.ThrowIfEnded();
            return _pointer;
        }
    }

    void IDisposable.Dispose() => _lease.End();
}
