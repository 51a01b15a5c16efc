using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Reading pages from start to end.</summary>
public static class PagesScanning
{
    /// <summary>Bytes of a window where nothing else is said.</summary>
    private const int UsualWindow = 4 << 20;

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        /// <summary>
        /// Goes through the pages in order, a window at a time, for <c>foreach</c>: any length, and the first pass over a mapped file with fewer
        /// faults.
        /// </summary>
        /// <param name="range">The bytes; null for all.</param>
        /// <param name="windowLength">
        /// Bytes of each window but the last, which may be shorter. Values whose size divides it are never cut in two.
        /// </param>
        /// <returns>
        /// What <c>foreach</c> takes. Each time it begins, it takes a lease, which ends with it; what is refused here may be refused then too.
        /// </returns>
        /// <exception cref="ArgumentOutOfRangeException">
        /// The range is not within the pages, or <paramref name="windowLength"/> is not positive.
        /// </exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <remarks>
        /// While a window is read, a thread of the pool enters the pages of a file that come next into the process's tables, up to 64 MiB ahead:
        /// worth it where the system keeps the file in small pieces, each of which has to be entered. It does that for files from 16 MiB on, and on
        /// more than one processor. Pages that a file does not have any more it leaves alone. Linux: <c>MADV_POPULATE_READ</c>.
        /// </remarks>
        public PagesScan<TProtection> Scan(PageRange? range = null, int windowLength = UsualWindow)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windowLength);
            var scan = new PagesScan<TProtection>(pages, range, windowLength);
            scan.View().End();
            return scan;
        }
    }
}

/// <summary>Pages to be read in order by <c>foreach</c>: see <see cref="PagesScanning"/>.</summary>
/// <typeparam name="TProtection">A readable one.</typeparam>
public readonly ref struct PagesScan<TProtection>
    where TProtection : struct, IReadable
{
    private readonly Pages<TProtection> _pages;
    private readonly PageRange? _range;
    private readonly int _windowLength;

    internal PagesScan(Pages<TProtection> pages, PageRange? range, int windowLength)
    {
        _pages = pages;
        _range = range;
        _windowLength = windowLength;
    }

    /// <summary>Takes a lease and begins.</summary>
    public PagesScanEnumerator GetEnumerator()
    {
        // First what can fail, so that no lease is without an owner.
        AheadOfScan? ahead = _pages.IsFileBacked && Environment.ProcessorCount > 1 ? new AheadOfScan() : null;
        PageView view = View();
        return new PagesScanEnumerator(view, _windowLength, view.Length >= AheadOfScan.WorthIt ? ahead : null);
    }

    internal PageView View() => _range is { } range ? PageView.Of(_pages, range) : PageView.Of(_pages);
}

/// <summary>Where <c>foreach</c> over <see cref="PagesScan{TProtection}"/> is.</summary>
[MoveOnly, UsableWhenSpent]
public ref struct PagesScanEnumerator : IDisposable
{
    private readonly PageView _view;
    private readonly int _windowLength;
    private readonly AheadOfScan? _ahead;
    private nuint _start;
    private nuint _length;

    internal PagesScanEnumerator(PageView view, int windowLength, AheadOfScan? ahead)
    {
        _view = view;
        _windowLength = windowLength;
        _ahead = ahead;
    }

    /// <summary>The window.</summary>
    public readonly ScanWindow Current => new(_view.Part(_start, _length), _start);

    /// <summary>Goes on to the next window.</summary>
    [UsableWhenSpent]
    public bool MoveNext()
    {
        _start += _length;
        _length = Math.Min((nuint)_windowLength, _view.Length - _start);
        if (_length == 0)
        {
            return false;
        }

        _ahead?.Reach(_view.Address, _view.Length, _start);
        return true;
    }

    readonly void IDisposable.Dispose()
    {
        _ahead?.End();
        _view.End();
    }
}

/// <summary>What a scan shows at a time, under the scan's lease. Its spans cannot outlive the variable that holds it.</summary>
public readonly ref struct ScanWindow
{
    private readonly PageView _view;

    internal ScanWindow(PageView view, nuint offset)
    {
        _view = view;
        Offset = offset;
    }

    /// <summary>Bytes from the start of what is scanned.</summary>
    public nuint Offset { get; }

    /// <summary>All bytes.</summary>
    /// <exception cref="ObjectDisposedException">The scan has ended.</exception>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _view.Span;

    /// <summary>The bytes as values of a type; a rest that is shorter than one is left out.</summary>
    /// <typeparam name="T">The type: no references in it.</typeparam>
    /// <exception cref="InvalidOperationException">The window starts at an address that is not aligned for them.</exception>
    /// <exception cref="ObjectDisposedException">The scan has ended.</exception>
    [UnscopedRef]
    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged
        => _view.Elements<T>();
}
