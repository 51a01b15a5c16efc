using MemoryPages.Mapping;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>A part of pages under another protection, until it is disposed. Made by <see cref="Pages{TProtection}.ProtectScope{TScope}"/>.</summary>
/// <remarks>Only <c>using</c> can end it: there is no Dispose to call early or twice. Do not copy it.</remarks>
/// <typeparam name="TScope">The protection within the scope.</typeparam>
[MoveOnly, UsableWhenSpent]
public ref struct ProtectionScope<TScope> : IDisposable
    where TScope : struct, IProtection
{
    private readonly Scope _scope;
    private readonly PageProtection _restored;
    private MappingHandle? _mapping;

    internal ProtectionScope(MappingHandle mapping, PageRange range, Scope scope, PageProtection restored)
    {
        _mapping = mapping;
        Range = range;
        _scope = scope;
        _restored = restored;
    }

    /// <summary>The part, as it was asked for.</summary>
    public readonly PageRange Range { get; }

    /// <summary>The part that changed in fact, in bytes: whole pages.</summary>
    public readonly nuint ProtectedLength => _scope.Range.Length;

    /// <exception cref="InvalidOperationException">A copy of the scope was disposed before.</exception>
    /// <exception cref="MemoryPagesException">The system refused to restore the protection. The part stays out of use.</exception>
    void IDisposable.Dispose()
    {
        MappingHandle? mapping = _mapping;
        _mapping = null;
        mapping?.ExitScope(_scope, TScope.Protection, _restored, $"ProtectScope<{typeof(TScope).Name}>.Dispose");
    }

    /// <summary>A lease on the part, and where it is.</summary>
    internal readonly PageView View()
    {
        MappingHandle mapping = _mapping ?? throw new ObjectDisposedException(nameof(ProtectionScope<>), "This scope has ended.");
        mapping.AcquireWithin(_scope);
        return new PageView(mapping, mapping.Address + Range.Offset, Range.Length);
    }
}
