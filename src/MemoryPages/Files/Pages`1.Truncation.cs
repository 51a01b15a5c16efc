using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>What became of the file behind pages that were mapped with <see cref="FileMapOptions.SurviveTruncation"/>.</content>
public sealed partial class Pages<TProtection>
{
    /// <summary>
    /// Whether the file lost something of what these pages show: an access met a page that was not there, or the file is too short now, or was when
    /// this was last asked.
    /// </summary>
    /// <exception cref="InvalidOperationException">The pages were not mapped with <see cref="FileMapOptions.SurviveTruncation"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <remarks>
    /// Ask after reading: false means that everything read so far was the file's. Only a file that was cut off and grew again is not noticed, if no
    /// page that was gone was touched and this not asked in between; what was lost reads zero in the file itself then. Costs a system call (Linux:
    /// statx(2)), since the end of the last page that is there reads zero without a fault.
    /// </remarks>
    public bool WasTruncated => OnSurvival(static survival => survival.WasTruncated);

    /// <summary>The facts behind <see cref="WasTruncated"/>, for diagnosis.</summary>
    /// <exception cref="InvalidOperationException">The pages were not mapped with <see cref="FileMapOptions.SurviveTruncation"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    public TruncationFacts Truncation
    {
        get
        {
            MappingHandle mapping = Acquire(default);
            try
            {
                Replacements replaced = mapping.Survival.Replaced;
                nuint first = replaced.Lowest <= mapping.Address ? 0 : Math.Min(replaced.Lowest - mapping.Address, mapping.Length);
                PageRange range = first == mapping.Length ? default : PageRange.FromBounds(first, mapping.Length);
                return new TruncationFacts(replaced.Faults, range, mapping.Survival.MissingBytes());
            }
            finally
            {
                mapping.Release();
            }
        }
    }

    /// <summary>Shows the file again where zeros have replaced it, and begins anew with <see cref="WasTruncated"/>.</summary>
    /// <exception cref="InvalidOperationException">
    /// A lease is open, or the pages were not mapped with <see cref="FileMapOptions.SurviveTruncation"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it: the pages are as they were.</exception>
    /// <remarks>
    /// The address stays. What the file does not have yet is replaced again when it is touched. From the first page on that was replaced, advice and
    /// locks are gone, and so is what was written to pages of zeros and to copy-on-write pages. Growing by <see cref="Resize"/> shows the file
    /// again too.
    /// </remarks>
    public void Refresh() => Change(nameof(Refresh), 0, static (mapping, _) =>
    {
        SystemError error = mapping.Refresh();
        return error.Failed ? throw mapping.Failure(error, nameof(Refresh), mapping.MappedAddress, mapping.MappedLength) : 0;
    });

    private TResult OnSurvival<TResult>(Func<FileSurvival, TResult> ask)
    {
        MappingHandle mapping = Acquire(default);
        try
        {
            return ask(mapping.Survival);
        }
        finally
        {
            mapping.Release();
        }
    }
}
