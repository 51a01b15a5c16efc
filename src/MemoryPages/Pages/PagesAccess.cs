namespace MemoryPages;

/// <summary>What can be done with pages depends on their protection: these members exist for those that have it.</summary>
/// <remarks>
/// C# 14 extension blocks, constrained by capability. <c>pages.Write()</c> on <c>Pages&lt;ReadOnly&gt;</c> does not compile: "no boxing conversion
/// from 'ReadOnly' to 'IWritable'".
/// </remarks>
public static class PagesAccess
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        /// <summary>A lease to read all of the pages. Use it with <c>using</c>.</summary>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on a part.</exception>
        public ReadView Read() => new(PageView.Of(pages));

        /// <summary>A lease to read a part. Use it with <c>using</c>.</summary>
        /// <param name="range">The bytes; not rounded.</param>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        public ReadView Read(PageRange range) => new(PageView.Of(pages, range));

        /// <summary>Copies bytes out.</summary>
        /// <param name="offset">Bytes from the start.</param>
        /// <param name="destination">Where to; its length says how many.</param>
        /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        public void CopyTo(nuint offset, Span<byte> destination)
        {
            PageView view = PageView.Of(pages, new PageRange(offset, (nuint)destination.Length), nameof(offset));
            view.Span.CopyTo(destination);
            view.End();
        }
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IWritable
    {
        /// <summary>Copies bytes in.</summary>
        /// <param name="offset">Bytes from the start.</param>
        /// <param name="source">What; its length says how many.</param>
        /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        public void CopyFrom(nuint offset, ReadOnlySpan<byte> source)
        {
            PageView view = PageView.Of(pages, new PageRange(offset, (nuint)source.Length), nameof(offset));
            source.CopyTo(view.Span);
            view.End();
        }
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable, IWritable
    {
        /// <summary>A lease to read and write all of the pages. Use it with <c>using</c>.</summary>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on a part.</exception>
        public WriteView Write() => new(PageView.Of(pages));

        /// <summary>A lease to read and write a part. Use it with <c>using</c>.</summary>
        /// <param name="range">The bytes; not rounded.</param>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on some of it.</exception>
        public WriteView Write(PageRange range) => new(PageView.Of(pages, range));
    }

    // By reference: the compiler then bounds the view by the scope's own variable.
    extension<TScope>(in ProtectionScope<TScope> scope)
        where TScope : struct, IReadable
    {
        /// <summary>A lease to read the scope's part. Use it with <c>using</c>, inside the scope.</summary>
        public ReadView Read() => new(scope.View());
    }

    extension<TScope>(in ProtectionScope<TScope> scope)
        where TScope : struct, IReadable, IWritable
    {
        /// <summary>A lease to read and write the scope's part. Use it with <c>using</c>, inside the scope.</summary>
        public WriteView Write() => new(scope.View());
    }
}
