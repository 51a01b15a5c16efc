using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Whole pages of the operating system's memory, under the protection that the type says.</summary>
/// <remarks>
/// <para>
/// What the protection allows is what the compiler offers: <c>Read</c> on readable pages, <c>Write</c> on readable and writable ones, and so
/// on. Access goes through a view, a lease on the pages: while one is open nothing moves, changes or unmaps them, on any thread.
/// </para>
/// <para>
/// A transition such as <see cref="Protect{TNew}"/> hands the pages on to a new object; this one is spent then, and every use of it throws
/// <see cref="ObjectDisposedException"/>. If it fails, this one is as good as before. All members may be used from any thread.
/// </para>
/// <para>
/// Pages that are lost without <see cref="Dispose"/> are reported (<c>MemoryPages.Diagnostics.PageLeaks</c>) when the garbage collector finds them.
/// </para>
/// </remarks>
/// <typeparam name="TProtection">What may be done with the pages.</typeparam>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class Pages<TProtection> : IDisposable
    where TProtection : struct, IProtection
{
    private MappingHandle? _mapping;
    private Type? _becameOf;

    internal Pages(MappingHandle mapping) => _mapping = mapping;

    /// <summary>The length in bytes: whole pages for memory, the mapped part's own length for files.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public nuint Length => Mapping.Length;

    /// <summary>The size in bytes of the page that this memory is made of: the base page, or an explicit huge page.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public nuint PageSize => Mapping.PageSize;

    /// <summary>The name they were given, or the file's path; null without one.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public string? Name => Mapping.Name;

    /// <summary>Whether a file gives the content: shared with whoever maps it too, unless <see cref="IsCopyOnWrite"/>.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public bool IsFileBacked => Mapping.IsFileBacked;

    /// <summary>Whether a file gives the content until a page is written, which never changes the file.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public bool IsCopyOnWrite => Mapping.Backing == Backing.PrivateFile;

    /// <summary>The number of leases that are open: views, memory leases, function leases, protection scopes. For diagnosis.</summary>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public long LeaseCount => Mapping.Leases;

    /// <summary>Whether these pages can still be used through this object: not disposed, not handed on.</summary>
    [UsableWhenSpent]
    public bool IsUsable => Volatile.Read(ref _mapping) is not null;

    /// <summary>
    /// What the processor really grants for this protection, which may be more than was asked: no x86 processor can write without reading. Asked
    /// of the machine once, on a page of its own.
    /// </summary>
    [UsableWhenSpent]
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "A fact about these pages to who reads pages.EffectiveProtection.")]
    public PageProtection EffectiveProtection => MemorySystem.Current.EffectiveProtection(TProtection.Protection);

    private MappingHandle Mapping => Volatile.Read(ref _mapping) ?? ThrowSpent();

    private string DebuggerDisplay => Volatile.Read(ref _mapping) is { } mapping
        ? $"{mapping.Length:N0} bytes at 0x{mapping.Address:x}, {typeof(TProtection).Name}, {mapping.Leases} leases{(mapping.Name is null ? "" : ", " + mapping.Name)}"
        : _becameOf is null ? "disposed" : "became " + NameOf(_becameOf);

    /// <summary>Ends these pages: no new use from now on; unmapped when the last lease ends, which is now if none is open. Idempotent.</summary>
    /// <remarks>Nothing is written to a file here: <see cref="Flush"/> does that. The system writes changed file pages when it likes.</remarks>
    public void Dispose() => Interlocked.Exchange(ref _mapping, null)?.CloseOnceIdle();

    /// <summary>Takes a lease. The caller ends it with <see cref="Leased.Release"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal MappingHandle Acquire(PageRange range)
    {
        MappingHandle mapping = Mapping;
        mapping.Acquire(range);

        // A transition may have come between: then the pages belong to another object, under another protection.
        if (!ReferenceEquals(Volatile.Read(ref _mapping), mapping))
        {
            ReleaseAndThrowSpent(mapping);
        }

        return mapping;
    }

    /// <summary>Keeps all others out. The caller ends it with <see cref="Leased.ExitExclusive"/>.</summary>
    internal MappingHandle EnterExclusive(string operation)
    {
        MappingHandle mapping = Mapping;
        mapping.EnterExclusive(operation);
        if (!ReferenceEquals(Volatile.Read(ref _mapping), mapping))
        {
            mapping.ExitExclusive();
            ThrowSpent();
        }

        return mapping;
    }

    private static string NameOf(Type protection) => $"Pages<{protection.Name}>";

    private void ReleaseAndThrowSpent(MappingHandle mapping)
    {
        mapping.Release();
        ThrowSpent();
    }

    [DoesNotReturn]
    private MappingHandle ThrowSpent() => throw new ObjectDisposedException(
        NameOf(typeof(TProtection)),
        _becameOf is null
            ? "These pages have been disposed."
            : $"These pages became {NameOf(_becameOf)}: use the object that the transition returned.");
}
