using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>
/// Access to pages that may have nothing behind them, as where another process cuts a mapped file off: it reports instead of ending the process.
/// </summary>
/// <remarks>
/// <para>
/// Each call is safe by itself, whatever happens to the file before, during and after it. That a call succeeded says nothing of the next plain
/// access: for those there is <see cref="FileMapOptions.SurviveTruncation"/>.
/// </para>
/// <para>
/// What is there is told in whole pages: behind the end of the file, the rest of its last page is there and reads zero.
/// </para>
/// </remarks>
public static class PagesFaultSafe
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        /// <summary>Copies bytes out, as far as they are there.</summary>
        /// <param name="offset">Bytes from the start.</param>
        /// <param name="destination">Where to; its length says how many.</param>
        /// <param name="copied">
        /// The number of bytes before the first page that is missing. What lies behind them in the destination is undefined.
        /// </param>
        /// <returns>Whether all were there.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <exception cref="MemoryPagesException">The system lacks what the copy itself takes: descriptors.</exception>
        /// <remarks>
        /// Linux: process_vm_readv(2) on the own process, or where a sandbox forbids it, or the kernel does not reach the memory so, a pipe. On pages
        /// mapped with <see cref="FileMapOptions.SurviveTruncation"/> an ordinary copy, as fast as <c>CopyTo</c>; from the first page on that zeros
        /// replaced, nothing is there.
        /// </remarks>
        public bool TryCopyTo(nuint offset, Span<byte> destination, out int copied)
        {
            MappingHandle mapping = Acquire(pages, offset, destination.Length);
            SystemError error = mapping.CopyOut(offset, destination, out copied);
            End(mapping, error, nameof(TryCopyTo), offset, destination.Length);
            return copied == destination.Length;
        }

        /// <summary>The leading part of a range that can be read just now: where it ends, nothing is behind the pages any more.</summary>
        /// <param name="range">The part; null for all.</param>
        /// <returns>The range from its start up to the first page that is missing.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <remarks>
        /// News, not a promise: the next moment it may be less, and a plain access to what was there a fault. It takes what is missing for the end of
        /// the range, as it is when a file was cut off. Linux: the kernel is let read a few single bytes, by halving (rt_sigprocmask(2) with an
        /// invalid argument, the cheapest call that reads and changes nothing); with <see cref="FileMapOptions.SurviveTruncation"/> statx(2).
        /// </remarks>
        public PageRange Probe(PageRange? range = null)
        {
            MappingHandle mapping = pages.Acquire(range ?? new PageRange(0, nuint.MaxValue));
            try
            {
                return mapping.Probe(range ?? mapping.Whole);
            }
            finally
            {
                mapping.Release();
            }
        }
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IWritable
    {
        /// <summary>Copies bytes in, as far as there is something to hold them.</summary>
        /// <param name="offset">Bytes from the start.</param>
        /// <param name="source">What; its length says how many.</param>
        /// <param name="copied">The number of bytes before the first page that is missing. Behind them some may be written too.</param>
        /// <returns>Whether all were written. The file may lose them a moment later, as it may lose what it had.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <exception cref="MemoryPagesException">The system lacks what the copy itself takes: descriptors.</exception>
        /// <remarks>
        /// A full disk behind a hole of the file is a missing page too. Linux: process_vm_writev(2); further as <see cref="TryCopyTo"/>.
        /// </remarks>
        public bool TryCopyFrom(nuint offset, ReadOnlySpan<byte> source, out int copied)
        {
            MappingHandle mapping = Acquire(pages, offset, source.Length);
            SystemError error = mapping.CopyIn(offset, source, out copied);
            End(mapping, error, nameof(TryCopyFrom), offset, source.Length);
            return copied == source.Length;
        }
    }

    // One block for each protection, for the reason that PagesValues gives.
    extension(Pages<ReadOnly> pages)
    {
        /// <summary>One value, copied out; false where a page of it is missing.</summary>
        /// <typeparam name="T">The type: no references in it.</typeparam>
        /// <param name="offset">Bytes from the start; need not be aligned.</param>
        /// <param name="value">The value, or <c>default</c>.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value does not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on it.</exception>
        public bool TryRead<T>(nuint offset, out T value)
            where T : unmanaged
            => TryReadValue(pages, offset, out value);
    }

    extension(Pages<ReadExecute> pages)
    {
        /// <inheritdoc cref="TryRead{T}(Pages{ReadOnly}, nuint, out T)"/>
        public bool TryRead<T>(nuint offset, out T value)
            where T : unmanaged
            => TryReadValue(pages, offset, out value);
    }

    extension(Pages<ReadWrite> pages)
    {
        /// <inheritdoc cref="TryRead{T}(Pages{ReadOnly}, nuint, out T)"/>
        public bool TryRead<T>(nuint offset, out T value)
            where T : unmanaged
            => TryReadValue(pages, offset, out value);

        /// <summary>One value, copied in; false where a page of it is missing: its first bytes may be written then.</summary>
        /// <typeparam name="T">The type: no references in it.</typeparam>
        /// <param name="offset">Bytes from the start; need not be aligned.</param>
        /// <param name="value">The value.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value does not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on it.</exception>
        public bool TryWrite<T>(nuint offset, T value)
            where T : unmanaged
            => pages.TryCopyFrom(offset, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), out _);
    }

    extension(Pages<WriteOnly> pages)
    {
        /// <inheritdoc cref="TryWrite{T}(Pages{ReadWrite}, nuint, T)"/>
        public bool TryWrite<T>(nuint offset, T value)
            where T : unmanaged
            => pages.TryCopyFrom(offset, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), out _);
    }

    private static bool TryReadValue<TProtection, T>(Pages<TProtection> pages, nuint offset, out T value)
        where TProtection : struct, IReadable
        where T : unmanaged
    {
        System.Runtime.CompilerServices.Unsafe.SkipInit(out value);
        bool whole = pages.TryCopyTo(offset, MemoryMarshal.AsBytes(new Span<T>(ref value)), out _);
        value = whole ? value : default;
        return whole;
    }

    private static MappingHandle Acquire<TProtection>(Pages<TProtection> pages, nuint offset, int length)
        where TProtection : struct, IProtection
    {
        var range = new PageRange(offset, (nuint)length);
        MappingHandle mapping = pages.Acquire(range);
        if (!range.IsWithin(mapping.Length))
        {
            mapping.Release();
            mapping.ThrowIfOutside(range, nameof(offset));
        }

        return mapping;
    }

    private static void End(MappingHandle mapping, SystemError error, string operation, nuint offset, int length)
    {
        nuint address = mapping.Address + offset;
        mapping.Release();
        if (error.Failed)
        {
            throw mapping.Failure(error, operation, address, (nuint)length);
        }
    }
}
