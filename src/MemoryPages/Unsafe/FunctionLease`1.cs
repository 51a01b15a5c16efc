using System.Runtime.CompilerServices;
using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>
/// A <see cref="FunctionLease"/> that knows the function's signature: <c>call.Invoke(43, 34)</c> is an unmanaged call and nothing more.
/// </summary>
/// <remarks>
/// <para>
/// <c>Invoke</c> is a property (<see cref="FunctionsWithResult"/>, <see cref="FunctionsWithoutResult"/>) whose type is the function pointer that the
/// signature says: the call needs an <c>unsafe</c> context, and costs what a call through a raw pointer costs. No delegate is made.
/// </para>
/// <para>
/// <c>Func</c> and <c>Action</c> name the signature, with 0 to 16 unmanaged arguments and the system's calling convention. For pointers and
/// references among them, other conventions, or <c>SuppressGCTransition</c>, cast <see cref="Pointer"/>.
/// </para>
/// </remarks>
/// <typeparam name="TSignature">For example <c>Func&lt;long, long, long&gt;</c>: two arguments and a result.</typeparam>
[MoveOnly]
public readonly unsafe ref struct FunctionLease<TSignature> : IDisposable
    where TSignature : Delegate
{
    private readonly FunctionLease _lease;

#pragma warning disable MP1004 // The lease moves in here: the parameter is not used again.
    internal FunctionLease(FunctionLease lease) => _lease = lease;
#pragma warning restore MP1004

    /// <summary>The function's address.</summary>
    /// <safety>See <see cref="FunctionLease.Pointer"/>.</safety>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public void* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _lease.Pointer;
    }

    void IDisposable.Dispose() => _lease.End();
}
