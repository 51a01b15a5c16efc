using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Whether pages can be sealed.</content>
public static partial class Pages
{
    /// <summary>
    /// Whether the running kernel can fix mapping and protection for the life of the process. Asked of it once. Linux: mseal(2), since 6.10.
    /// </summary>
    public static bool SealingSupported => MemorySystem.Current.SealingSupported;
}

/// <summary>The end of all changes.</summary>
public static class PagesSealing
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        /// <summary>
        /// Fixes place and protection of all pages for the life of the process: nobody can unmap, move or reprotect them again, not even by system
        /// calls.
        /// </summary>
        /// <remarks>
        /// Views and functions go on as before, and so does writing where the protection allows it. <c>Protect</c>, <c>Resize</c> and what else would
        /// change the pages is refused by the system from here on. <c>Dispose</c> ends their use; the memory stays with the process, and losing them
        /// is no leak. Discarding pages that cannot be written is refused too: it would change what they hold. Linux: mseal(2), since 6.10.
        /// </remarks>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A lease is open: a part might have another protection for a while.</exception>
        /// <exception cref="MemoryPagesException">
        /// The system cannot (<see cref="Pages.SealingSupported"/>), or refused: nothing has changed.
        /// </exception>
        public void Seal() => pages.Change(nameof(Seal), 0, static (mapping, _) =>
        {
            SystemError error = mapping.Seal();
            return error.Failed ? throw mapping.Failure(error, nameof(Seal), mapping.Address, mapping.Length) : 0;
        });
    }
}
