using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages.Unsafe;

/// <summary>What the compiler and the run time cannot make safe. Each member says what the caller vouches for.</summary>
[Dangerous]
public static class PagesDangerous
{
    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        /// <summary>The address of a byte.</summary>
        /// <param name="offset">Bytes from the start.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <safety>
        /// The pointer is valid until the pages are disposed, resized or lost to the garbage collector, and no lease says so: the caller keeps the
        /// object alive (<see cref="GC.KeepAlive"/>) and does with the bytes only what the protection allows. Pages whose pointers were taken are
        /// never unmapped by the finalizer.
        /// </safety>
        public unsafe byte* DangerousPointer(nuint offset = 0)
        {
            MappingHandle mapping = pages.Acquire(default);
            try
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, mapping.Length);
                mapping.MarkPointersEscaped();
                return (byte*)mapping.Address + offset;
            }
            finally
            {
                mapping.Release();
            }
        }

        /// <summary>Advice that changes what is read, or makes reading a fault.</summary>
        /// <param name="advice">What to do.</param>
        /// <param name="range">The part, rounded <b>inward</b> to whole pages; null for all.</param>
        /// <returns>The part in fact.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the pages.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A lease is open.</exception>
        /// <exception cref="MemoryPagesException">The system refused.</exception>
        /// <safety>
        /// The caller vouches that nothing, in this process or another, relies on the content, and that no page with a guard is touched, through
        /// views too: that ends the process.
        /// </safety>
        [Invalidates]
        public unsafe PageRange DangerousAdvise(UncheckedAdvice advice, PageRange? range = null) =>
            pages.Change(nameof(DangerousAdvise), (advice, range), static (mapping, wish) =>
            {
                PageRange wished = wish.range ?? mapping.Whole;
                mapping.ThrowIfOutside(wished);
                (nuint address, nuint length) = mapping.Inward(wished);
                SystemError error = length == 0 ? SystemError.None : MemorySystem.Current.Advise(address, length, wish.advice);
                return error.Failed
                    ? throw mapping.Failure(error, nameof(DangerousAdvise), address, length)
                    : mapping.RangeOf(address, length);
            });
    }

    extension<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IExecutable
    {
        /// <summary>A function in the pages, held by a lease. Use it with <c>using</c>.</summary>
        /// <param name="offset">Bytes from the start to its first instruction.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on that byte.</exception>
        /// <safety>See <see cref="FunctionLease.Pointer"/>.</safety>
        public unsafe FunctionLease DangerousFunction(nuint offset = 0)
        {
            MappingHandle mapping = pages.Acquire(new PageRange(offset, 1));
            if (offset >= mapping.Length)
            {
                mapping.Release();
                mapping.ThrowIfOutside(new PageRange(offset, 1), nameof(offset));
            }

            return new FunctionLease(mapping, mapping.Address + offset);
        }
    }

    extension(Pages<ReadExecute> pages)
    {
        /// <summary>As <c>DangerousFunction</c>, of a known signature: <c>call.Invoke(43, 34)</c>.</summary>
        /// <typeparam name="TSignature">
        /// <c>Func</c> or <c>Action</c> with the arguments' types, for example <c>Func&lt;long, long, long&gt;</c>.
        /// </typeparam>
        /// <param name="offset">Bytes from the start to its first instruction.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on that byte.</exception>
        /// <safety>See <see cref="FunctionLease.Pointer"/>.</safety>
        public unsafe FunctionLease<TSignature> Function<TSignature>(nuint offset = 0)
            where TSignature : Delegate => new(pages.DangerousFunction(offset));
    }

    extension(Pages<ExecuteOnly> pages)
    {
        /// <summary>As <c>DangerousFunction</c>, of a known signature: <c>call.Invoke(43, 34)</c>.</summary>
        /// <typeparam name="TSignature">
        /// <c>Func</c> or <c>Action</c> with the arguments' types, for example <c>Func&lt;long, long, long&gt;</c>.
        /// </typeparam>
        /// <param name="offset">Bytes from the start to its first instruction.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
        /// <exception cref="ObjectDisposedException">The pages were disposed, or handed on.</exception>
        /// <exception cref="InvalidOperationException">A protection scope is open on that byte.</exception>
        /// <safety>See <see cref="FunctionLease.Pointer"/>.</safety>
        public unsafe FunctionLease<TSignature> Function<TSignature>(nuint offset = 0)
            where TSignature : Delegate => new(pages.DangerousFunction(offset));
    }
}
