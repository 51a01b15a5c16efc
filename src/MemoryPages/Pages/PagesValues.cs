namespace MemoryPages;

/// <summary>Single values in and out, by copy.</summary>
/// <remarks>
/// One block for each protection, not one for all that can be read: the type arguments of an extension block count among those of its methods, and
/// nobody should have to write <c>pages.Read&lt;ReadOnly, int&gt;(0)</c>.
/// </remarks>
public static class PagesValues
{
    extension(Pages<ReadOnly> pages)
    {
        /// <summary>One value, copied out. For many, open a view: this takes a lease each time.</summary>
        /// <typeparam name="T">The type: no references in it.</typeparam>
        /// <param name="offset">Bytes from the start; need not be aligned.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value does not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on it.</exception>
        public T Read<T>(nuint offset)
            where T : unmanaged
            => ReadValue<ReadOnly, T>(pages, offset);
    }

    extension(Pages<ReadExecute> pages)
    {
        /// <inheritdoc cref="Read{T}(Pages{ReadOnly}, nuint)"/>
        public T Read<T>(nuint offset)
            where T : unmanaged
            => ReadValue<ReadExecute, T>(pages, offset);
    }

    extension(Pages<ReadWrite> pages)
    {
        /// <inheritdoc cref="Read{T}(Pages{ReadOnly}, nuint)"/>
        public T Read<T>(nuint offset)
            where T : unmanaged
            => ReadValue<ReadWrite, T>(pages, offset);

        /// <summary>One value, copied in. For many, open a view: this takes a lease each time.</summary>
        /// <typeparam name="T">The type: no references in it.</typeparam>
        /// <param name="offset">Bytes from the start; need not be aligned.</param>
        /// <param name="value">The value.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value does not lie within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on it.</exception>
        public void Write<T>(nuint offset, T value)
            where T : unmanaged
            => WriteValue(pages, offset, value);
    }

    extension(Pages<WriteOnly> pages)
    {
        /// <inheritdoc cref="Write{T}(Pages{ReadWrite}, nuint, T)"/>
        public void Write<T>(nuint offset, T value)
            where T : unmanaged
            => WriteValue(pages, offset, value);
    }

    internal static unsafe T ReadValue<TProtection, T>(Pages<TProtection> pages, nuint offset)
        where TProtection : struct, IReadable
        where T : unmanaged
    {
        PageView view = PageView.Of(pages, new PageRange(offset, (nuint)sizeof(T)), nameof(offset));
        T value = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<T>(ref view[0]);
        view.End();
        return value;
    }

    internal static unsafe void WriteValue<TProtection, T>(Pages<TProtection> pages, nuint offset, T value)
        where TProtection : struct, IWritable
        where T : unmanaged
    {
        PageView view = PageView.Of(pages, new PageRange(offset, (nuint)sizeof(T)), nameof(offset));
        System.Runtime.CompilerServices.Unsafe.WriteUnaligned(ref view[0], value);
        view.End();
    }
}
