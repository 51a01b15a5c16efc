using MemoryPages.Code;

namespace MemoryPages.Unsafe;

/// <summary>What the compiler and the run time cannot make safe of code. Each member says what the caller vouches for.</summary>
public static class CodeDangerous
{
    extension(CodeBlock block)
    {
        /// <summary>A lease on the function, for a call by its address alone. Use it with <c>using</c>.</summary>
        /// <param name="offset">Bytes from the start of the block to the function's first instruction.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
        /// <exception cref="InvalidOperationException">The function is one of a batch that is not published.</exception>
        /// <exception cref="ObjectDisposedException">The block or its heap was disposed.</exception>
        /// <safety>See <see cref="FunctionLease.Pointer"/>.</safety>
        public FunctionLease DangerousFunction(int offset = 0) => block.Lease(offset);

        /// <summary>
        /// Stores a value into code that may be running meanwhile: an immediate, a call's target. Other threads find the old or the new value, whole.
        /// </summary>
        /// <typeparam name="T">A type of 1, 2, 4 or 8 bytes.</typeparam>
        /// <param name="offset">Bytes from the start of the block: a multiple of the value's size.</param>
        /// <param name="value">What to store.</param>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> has another size.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The bytes are not of the function, or not aligned.</exception>
        /// <exception cref="InvalidOperationException">The heap is not dual-mapped, or sealed; or the function is not published.</exception>
        /// <exception cref="ObjectDisposedException">The block or its heap was disposed.</exception>
        /// <safety>
        /// The caller vouches that both the old and the new bytes are whole instructions where they stand, and that the processor allows the change
        /// while it runs there: x86-64 for an operand that does not cross the alignment (another thread may run the old one a little longer), arm64
        /// only for those instructions that its manual names (B, BL, NOP, BRK, SVC…).
        /// </safety>
        public unsafe void DangerousPatch<T>(int offset, T value)
            where T : unmanaged => block.Usable.Heap.Patch(block.Usable, offset, value);
    }
}
