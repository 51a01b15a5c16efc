using MemoryPages.Ownership;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Unsafe;

/// <summary>
/// Mapping by the bare number of a descriptor, as it comes from native code or another process: whose file that is, nobody can check.
/// </summary>
public static class FilesDangerous
{
    extension(Pages)
    {
        /// <summary>As <see cref="Pages.Map(SafeFileHandle, in FileMapOptions)"/>, of a descriptor, which stays open.</summary>
        /// <param name="descriptor">Linux: a file descriptor open for reading.</param>
        /// <param name="options">Which part.</param>
        /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
        /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
        /// <exception cref="MemoryPagesException">No such descriptor is open, or the system refused to map it.</exception>
        /// <safety>
        /// The caller owns the descriptor, or its owner agrees, and nobody closes it during the call. A number that is not the caller's may be any
        /// file of the process: a database of another library, which is then read or changed behind its back.
        /// </safety>
        [return: Owned]
        public static unsafe Pages<ReadOnly> DangerousMap(nint descriptor, in FileMapOptions options = default)
        {
            using SafeFileHandle file = Borrow(descriptor);
            return Pages.Map(file, options);
        }

        /// <summary>As <see cref="Pages.MapShared(SafeFileHandle, in FileMapOptions)"/>, of a descriptor, which stays open.</summary>
        /// <param name="descriptor">Linux: a file descriptor open for reading and writing.</param>
        /// <param name="options">Which part.</param>
        /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
        /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
        /// <exception cref="MemoryPagesException">No such descriptor is open, or the system refused to map it.</exception>
        /// <safety>See <see cref="DangerousMap"/>.</safety>
        [return: Owned]
        public static unsafe Pages<ReadWrite> DangerousMapShared(nint descriptor, in FileMapOptions options = default)
        {
            using SafeFileHandle file = Borrow(descriptor);
            return Pages.MapShared(file, options);
        }

        /// <summary>
        /// As <see cref="Pages.MapCopyOnWrite{TProtection}(SafeFileHandle, in FileMapOptions)"/>, of a descriptor, which stays open.
        /// </summary>
        /// <typeparam name="TProtection">The protection.</typeparam>
        /// <param name="descriptor">Linux: a file descriptor open for reading.</param>
        /// <param name="options">Which part.</param>
        /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
        /// <exception cref="ArgumentException">
        /// The options contradict the protection, or a character device needs <see cref="FileMapOptions.Length"/>.
        /// </exception>
        /// <exception cref="MemoryPagesException">No such descriptor is open, or the system refused to map it.</exception>
        /// <safety>See <see cref="DangerousMap"/>.</safety>
        [return: Owned]
        public static unsafe Pages<TProtection> DangerousMapCopyOnWrite<TProtection>(nint descriptor, in FileMapOptions options = default)
            where TProtection : struct, IProtection
        {
            using SafeFileHandle file = Borrow(descriptor);
            return Pages.MapCopyOnWrite<TProtection>(file, options);
        }

        /// <summary>As <see cref="Pages.MapExecutable(SafeFileHandle, in FileMapOptions)"/>, of a descriptor, which stays open.</summary>
        /// <param name="descriptor">Linux: a file descriptor open for reading.</param>
        /// <param name="options">Which part.</param>
        /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the file.</exception>
        /// <exception cref="ArgumentException">A character device needs <see cref="FileMapOptions.Length"/>.</exception>
        /// <exception cref="MemoryPagesException">No such descriptor is open, or the system refused to map it.</exception>
        /// <safety>See <see cref="DangerousMap"/>.</safety>
        [return: Owned]
        public static unsafe Pages<ReadExecute> DangerousMapExecutable(nint descriptor, in FileMapOptions options = default)
        {
            using SafeFileHandle file = Borrow(descriptor);
            return Pages.MapExecutable(file, options);
        }
    }

    private static SafeFileHandle Borrow(nint descriptor) => new(descriptor, ownsHandle: false);
}
