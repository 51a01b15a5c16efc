using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>
/// Pages as what the framework's other parts take: streams, sequences, buffer writers. Each is a lease that is an object: dispose it.
/// </summary>
/// <remarks>For <see cref="Memory{T}"/>: <see cref="PagesMemory"/>. Synchronous code of one's own is better served by a view.</remarks>
public static class PagesAdapters
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        /// <summary>A stream over the pages: to read, and to write too where the pages can be written. Any length, any position.</summary>
        /// <param name="range">The bytes; null for all.</param>
        /// <returns>
        /// A stream of fixed length that is a lease until it is disposed. Writing past its end is refused before anything is written.
        /// <see cref="Stream.Flush"/> does nothing: what is written is in the pages at once; <see cref="Pages{TProtection}.Flush"/> brings it to a
        /// device.
        /// </returns>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        /// <remarks>
        /// Nothing is buffered; asynchronous members complete at once, or when the other stream does. One thread at a time, as streams are; two
        /// cannot harm memory, though. A stream that is lost keeps its pages mapped, and the leak of these is reported.
        /// </remarks>
        [return: Owned]
        public Stream AsStream(PageRange? range = null) =>
            new PageStream(LeasedBytes.Of(pages, range, nuint.MaxValue), (TProtection.Protection & PageProtection.Write) != 0);

        /// <summary>The pages as a sequence, in segments: for parsers that take one, of files beyond 2 GiB.</summary>
        /// <param name="range">The bytes; null for all.</param>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        [return: Owned]
        public SequenceLease AsSequence(PageRange? range = null) => new(LeasedBytes.Of(pages, range, nuint.MaxValue));
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable, IWritable
    {
        /// <summary>The pages as a buffer to write from start to end: for serializers and formatters that take one.</summary>
        /// <param name="range">The bytes; null for all.</param>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        [return: Owned]
        public PagesWriter AsBufferWriter(PageRange? range = null) => new(LeasedBytes.Of(pages, range, nuint.MaxValue));
    }
}
