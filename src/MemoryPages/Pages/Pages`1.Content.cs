using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>What changes the length or the content: under exclusive access.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>Changes the length. What is kept keeps its content; what is added reads zero (or is the file's).</summary>
    /// <param name="length">Bytes, rounded up to whole pages for memory. 64 bits on every system, as those of files are.</param>
    /// <param name="mayMove">
    /// Whether the pages may get another address where there is no room behind them. Raw pointers are stale then. Content, protection, advice, locks
    /// and alignment move along, no byte is copied.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or the pages are those of an empty file that was given no length.</exception>
    /// <exception cref="MemoryPagesException">There is no room, no memory, no space for the file: pages and file are as they were.</exception>
    /// <remarks>
    /// <para>
    /// A file whose pages were given a length (<see cref="Pages.MapShared(string, ulong, in GrowingFileOptions)"/>) is resized with them: longer,
    /// with its space if that was wished, or cut off, which also ends its content for others who map it. If another process has made it longer than
    /// the pages it is never cut off, and growing shows what is there already. Of other mapped files this shows more or less of what is there: if the
    /// last page that is wished lies beyond the end of the file, it is refused (<see cref="ErrorReason.Unbacked"/>), and the pages, where they might
    /// move, may have moved. Not of pages that cannot be read, and not of those that survive truncation, where zeros are behind the end.
    /// </para>
    /// <para>Linux: mremap(2), munmap(2), fallocate(2), ftruncate(2). Explicit huge pages shrink but cannot grow.</para>
    /// </remarks>
    [Invalidates]
    public void Resize(ulong length, bool mayMove = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        Change(nameof(Resize), (length: checked((nuint)length), mayMove), static (mapping, wish) =>
        {
            if (mapping is { MappedLength: 0, GivesLength: false })
            {
                throw new InvalidOperationException("The pages of an empty file cannot be resized: map the file again when it has a length.");
            }

            SystemError error = mapping.Resize(wish.length, wish.mayMove, (TProtection.Protection & PageProtection.Read) != 0);
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
