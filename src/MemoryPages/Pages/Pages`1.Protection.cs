using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Transitions: from one protection to another.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>Changes the protection of all pages and hands them to a new object. This one is spent afterwards.</summary>
    /// <typeparam name="TNew">The new protection. No system call is made where it is the old one.</typeparam>
    /// <returns>The pages, under the new protection. Dispose that one.</returns>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on before.</exception>
    /// <exception cref="InvalidOperationException">A lease is open.</exception>
    /// <exception cref="MemoryPagesException">The system refused: these pages are as they were, and still usable.</exception>
    /// <remarks>
    /// Linux: mprotect(2). Turning executable, the instruction cache is made to see what was written. At <c>vm.max_map_count</c> mappings it fails,
    /// since neighbours of equal protection are one mapping to the kernel and may have to be split.
    /// </remarks>
    [Consumes]
    public Pages<TNew> Protect<TNew>()
        where TNew : struct, IProtection
    {
        MappingHandle mapping = EnterExclusive(nameof(Protect));
        try
        {
            SystemError error = mapping.ChangeProtection(TProtection.Protection, TNew.Protection);
            if (error.Failed)
            {
                throw mapping.Failure(error, $"Protect<{typeof(TNew).Name}>", mapping.Address, mapping.Length, TNew.Protection);
            }

            var successor = new Pages<TNew>(mapping);
            _becameOf = typeof(TNew);
            if (Interlocked.CompareExchange(ref _mapping, null, mapping) != mapping)
            {
                _becameOf = null;
                ThrowSpent(); // disposed meanwhile by another thread, which waits for us to leave and unmaps then
            }

            return successor;
        }
        finally
        {
            mapping.ExitExclusive();
        }
    }

    /// <summary>Gives a part another protection until the scope is disposed; the rest stays usable beside it.</summary>
    /// <typeparam name="TScope">The protection within the scope. The part is accessed through the scope, as far as this allows.</typeparam>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <returns>The scope. Use it with <c>using</c>.</returns>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
    /// <exception cref="InvalidOperationException">A lease is open, or another scope overlaps.</exception>
    /// <exception cref="MemoryPagesException">The system refused: nothing has changed.</exception>
    /// <remarks>
    /// While the scope is open, views of the part are refused (those of other parts are not), and so is every change of the whole. The scope
    /// is a lease.
    /// </remarks>
    public ProtectionScope<TScope> ProtectScope<TScope>(PageRange range)
        where TScope : struct, IProtection
    {
        MappingHandle mapping = Mapping;
        if (!mapping.TryEnterScope(ref _mapping, range, TProtection.Protection, TScope.Protection, ScopeName<TScope>(), out Scope scope))
        {
            ThrowSpent();
        }

        return new ProtectionScope<TScope>(mapping, range, scope, TProtection.Protection);
    }

    private static string ScopeName<TScope>() => $"ProtectScope<{typeof(TScope).Name}>";
}
