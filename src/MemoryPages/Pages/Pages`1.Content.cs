using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>What changes the length or the content: under exclusive access.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>Changes the length. What is kept keeps its content; what is added reads zero (or is the file's).</summary>
    /// <param name="length">Bytes, rounded up to whole pages for memory.</param>
    /// <param name="mayMove">
    /// Whether the pages may get another address where there is no room behind them. Raw pointers are stale then. Content, protection, advice, locks
    /// and alignment move along, no byte is copied.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or the pages are those of an empty file.</exception>
    /// <exception cref="MemoryPagesException">There is no room, or no memory: the pages are as they were.</exception>
    /// <remarks>
    /// Linux: mremap(2), munmap(2). Explicit huge pages shrink but cannot grow. A file is not made longer: pages beyond its end have nothing behind
    /// them.
    /// </remarks>
    [Invalidates]
    public void Resize(nuint length, bool mayMove = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        Change(nameof(Resize), (length, mayMove), static (mapping, wish) =>
        {
            if (mapping.MappedLength == 0)
            {
                throw new InvalidOperationException("The pages of an empty file cannot be resized: map the file again when it has a length.");
            }

            SystemError error = mapping.Resize(wish.length, wish.mayMove);
            return error.Failed ? throw mapping.Failure(error, nameof(Resize), mapping.Address, wish.length) : 0;
        });
    }

    /// <summary>Under exclusive access: the shape of every verb that destroys or moves.</summary>
    internal TResult Change<TState, TResult>(string operation, TState state, Func<MappingHandle, TState, TResult> change)
    {
        MappingHandle mapping = EnterExclusive(operation);
        try
        {
            return change(mapping, state);
        }
        finally
        {
            mapping.ExitExclusive();
        }
    }
}
