using MemoryPages.Code;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using MemoryPages.Unsafe;

namespace MemoryPages;

/// <content>What happens to functions while they are used.</content>
public sealed partial class CodeHeap
{
    /// <summary>The mapping is leased too: disposing the heap unmaps it when the last function comes back.</summary>
    internal FunctionLease Lease(CodeExtent function, int offset)
    {
        ThrowIfDisposed();
        MappingHandle code = _memory.Code;
        code.Acquire(default);
        return new FunctionLease(code, Address + (nuint)(function.Offset + offset), function);
    }

    /// <summary>One store, which every thread sees whole.</summary>
    internal unsafe void Patch<T>(CodeExtent function, int offset, T value)
        where T : unmanaged
    {
        if (sizeof(T) is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentException($"Only 1, 2, 4 or 8 bytes are stored whole; {typeof(T).Name} has {sizeof(T)}.", nameof(value));
        }

        function.Acquire(default);
        try
        {
            function.ThrowIfUnpublished();
            if (Mode != CodeMode.DualMapped)
            {
                throw new InvalidOperationException("Code of a flipped heap cannot be written while it can be run: ask for CodeMode.DualMapped.");
            }

            if (offset < 0 || offset % sizeof(T) != 0 || offset > function.Length - sizeof(T))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(offset),
                    offset,
                    $"{sizeof(T)} bytes must stand at a multiple of {sizeof(T)} within the function's {function.Length} bytes.");
            }

            LeaseWriter();
            Store(_memory.At(function.Offset + offset, sizeof(T)), value);
            MemorySystem.Current.PublishCode(Address + (nuint)(function.Offset + offset), (nuint)sizeof(T));
            _memory.Writer.Release();
        }
        finally
        {
            function.Release();
        }
    }

    /// <summary>Holds off the end of the memory while it is written. The caller releases it.</summary>
    private void LeaseWriter()
    {
        ThrowIfDisposed();
        ThrowIfSealed();
        try
        {
            _memory.Writer.Acquire(default);
        }
        catch (ObjectDisposedException)
        {
            ThrowIfDisposed(); // in between
            ThrowIfSealed();
            throw;
        }
    }

    private static unsafe void Store<T>(Span<byte> place, T value)
        where T : unmanaged
    {
        fixed (byte* address = place)
        {
            switch (sizeof(T))
            {
                case 1:
                    Volatile.Write(ref *address, *(byte*)&value);
                    break;
                case 2:
                    Volatile.Write(ref *(ushort*)address, *(ushort*)&value);
                    break;
                case 4:
                    Volatile.Write(ref *(uint*)address, *(uint*)&value);
                    break;
                default:
                    Volatile.Write(ref *(ulong*)address, *(ulong*)&value);
                    break;
            }
        }
    }
}
