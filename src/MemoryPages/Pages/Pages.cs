using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Where pages come from: memory (<see cref="Allocate(nuint, in AllocationOptions)"/>) and files (<c>Map</c>).</summary>
public static partial class Pages
{
    /// <summary>Whether the running kernel shows <see cref="AllocationOptions.Name"/> in its list of mappings. Asked of it once.</summary>
    public static bool NamesSupported => MemorySystem.Current.NamesSupported;

    /// <summary>Fresh pages to read and write, zeroed by the system as they are touched.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the message says why and what to do.</exception>
    /// <remarks>
    /// Costs one system call (Linux mmap(2)), and no memory until a page is touched. Where overcommit is strict the commit charge is taken here.
    /// </remarks>
    public static Pages<ReadWrite> Allocate(nuint length, in AllocationOptions options = default) => Allocate<ReadWrite>(length, options);

    /// <summary>As <see cref="Allocate(nuint, in AllocationOptions)"/>, under another protection from the start. Readable pages read zero.</summary>
    /// <typeparam name="TProtection">The protection.</typeparam>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes. <see cref="AllocationOptions.Populate"/> needs a readable or writable protection.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves or the protection.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the message says why and what to do.</exception>
    public static Pages<TProtection> Allocate<TProtection>(nuint length, in AllocationOptions options = default)
        where TProtection : struct, IProtection
    {
        SystemError error = TryAllocate<TProtection>(length, options, out AnonymousRequest request, out MappingHandle? mapping);
        if (error.Failed)
        {
            throw new MemoryPagesException(error, new FailedOperation(nameof(Allocate), options.Name, request.NearAddress, request.Length, request.PageSize)
            {
                NumaPolicy = request.NumaPolicy,
            });
        }

        return new Pages<TProtection>(mapping!);
    }

    /// <summary>As <see cref="Allocate(nuint, in AllocationOptions)"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="pages">The pages, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    public static bool TryAllocate(nuint length, [NotNullWhen(true)] out Pages<ReadWrite>? pages) => TryAllocate(length, default, out pages);

    /// <summary>As <see cref="Allocate(nuint, in AllocationOptions)"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes.</param>
    /// <param name="pages">The pages, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static bool TryAllocate(nuint length, in AllocationOptions options, [NotNullWhen(true)] out Pages<ReadWrite>? pages) =>
        TryAllocate<ReadWrite>(length, options, out pages);

    /// <summary>As <see cref="Allocate{TProtection}"/>; false where the system refuses. Allocates nothing then.</summary>
    /// <typeparam name="TProtection">The protection.</typeparam>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes.</param>
    /// <param name="pages">The pages, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves or the protection.</exception>
    public static bool TryAllocate<TProtection>(
        nuint length, in AllocationOptions options, [NotNullWhen(true)] out Pages<TProtection>? pages)
        where TProtection : struct, IProtection
    {
        bool failed = TryAllocate<TProtection>(length, options, out _, out MappingHandle? mapping).Failed;
        pages = failed ? null : new Pages<TProtection>(mapping!);
        return !failed;
    }

    private static SystemError TryAllocate<TProtection>(
        nuint length, in AllocationOptions options, out AnonymousRequest request, out MappingHandle? mapping)
        where TProtection : struct, IProtection
    {
        request = options.ToRequest(length, TProtection.Protection);
        ThrowIfUnpopulatable<TProtection>(options.PopulatesAtOnce);
        SystemError error = MappingHandle.TryAllocate(request, options.PopulatesAtOnce, options.Name, out mapping);
        if (error.Failed && options.HugePages is { ExplicitSize: not 0, Policy: HugePagePolicy.Prefer })
        {
            request = options.ToFallbackRequest(length, TProtection.Protection);
            error = MappingHandle.TryAllocate(request, options.PopulatesAtOnce, options.Name, out mapping);
        }

        return error;
    }

    private static void ThrowIfUnpopulatable<TProtection>(bool populate, string parameter = "options")
        where TProtection : struct, IProtection
    {
        if (populate && (TProtection.Protection & (PageProtection.Read | PageProtection.Write)) == 0)
        {
            throw new ArgumentException("Pages that can be neither read nor written cannot be populated.", parameter);
        }
    }
}
