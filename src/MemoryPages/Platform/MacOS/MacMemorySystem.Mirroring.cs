using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>The same memory at two addresses of this process.</summary>
internal sealed unsafe partial class MacMemorySystem
{
    private const int Shared = MAP_SHARED | MAP_ANON;

    public override SystemError MapMirrored(nuint length, string? name, out MappedRange range)
    {
        range = default;
        if (length > nuint.MaxValue / 2)
        {
            return new SystemError("mmap", Errno.ENOMEM); // what the kernel would say, without the double overflowing on the way
        }

        nuint address = mmap(0, 2 * length, PROT_READ | PROT_WRITE, Shared, OrdinaryPages, 0);
        if (address == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        SystemError error = MapAgain(address, address + length, length, PROT_READ | PROT_WRITE, VM_INHERIT_SHARE);
        if (error.Failed)
        {
            _ = Unmap(address, 2 * length);
            return error;
        }

        range = new MappedRange(address, address, 2 * length);
        return SystemError.None;
    }

    /// <remarks>
    /// <para>
    /// On arm64 too, in place of MAP_JIT: memory mapped with that can be run, or written, by all threads but those that called
    /// pthread_jit_write_protect_np, which goes for all of it at once. The code of the managed caller is itself such memory, so a thread that could
    /// write could not go on running.
    /// </para>
    /// <para>
    /// Not memory of shm_open(2): the kernel lets nobody run that (pshm_mmap: VM_PROT_DEFAULT is its most).
    /// </para>
    /// </remarks>
    public override SystemError MapDual(nuint reserved, nuint length, string? name, out MappedRange writable)
    {
        writable = default;
        nuint address = mmap(0, length, PROT_READ | PROT_WRITE, Shared, OrdinaryPages, 0);
        if (address == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        SystemError error = MapAgain(address, reserved, length, PROT_READ | PROT_EXEC, VM_INHERIT_SHARE);
        if (error.Failed)
        {
            _ = Unmap(address, length);
            return error;
        }

        writable = new MappedRange(address, address, length);
        return SystemError.None;
    }
}
