using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Blittable signatures only: the rival below gets the same calls, free of marshalling, as the library gives itself.
[assembly: DisableRuntimeMarshalling]

namespace MemoryPages.Benchmarks;

/// <summary>The rival: what a user would write who calls Linux directly, in its fastest form.</summary>
/// <remarks>
/// No <c>SetLastError</c>, which costs some 25 ns a call. No <c>SuppressGCTransition</c> either: these calls can take milliseconds, and a
/// collection on any other thread would wait for them.
/// </remarks>
internal static partial class RawSystem
{
    public const int NoAccess = 0;
    public const int ReadAccess = 1;
    public const int ReadWriteAccess = 3;
    public const int ReadExecuteAccess = 5;
    public const int DropPages = 4;

    private const int PrivateAnonymous = 0x22;
    private const int InThePlaceOf = 0x10;
    private const int HugePage = 0x40000;
    private const int PopulateNow = 0x8000;

    /// <summary>Of the pool's default size.</summary>
    public static unsafe byte* MapHuge(nuint length)
    {
        nint address = mmap(0, length, ReadWriteAccess, PrivateAnonymous | HugePage, -1, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    public static unsafe byte* Map(nuint length, nuint near = 0)
    {
        nint address = mmap((nint)near, length, ReadWriteAccess, PrivateAnonymous, -1, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    /// <summary>Addresses without memory, and with no promise of any.</summary>
    public static unsafe byte* Reserve(nuint length)
    {
        nint address = mmap(0, length, NoAccess, PrivateAnonymous, -1, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    /// <summary>Addresses without memory again, in the place of what was there.</summary>
    public static unsafe void Decommit(byte* start, nuint length)
    {
        if (mmap((nint)start, length, NoAccess, PrivateAnonymous | InThePlaceOf, -1, 0) == -1)
        {
            throw new InvalidOperationException("mmap failed.");
        }
    }

    public static unsafe byte* MapPopulated(nuint length)
    {
        nint address = mmap(0, length, ReadWriteAccess, PrivateAnonymous | PopulateNow, -1, 0);
        return address != -1 ? (byte*)address : throw new InvalidOperationException("mmap failed.");
    }

    public static unsafe void Unmap(byte* start, nuint length)
    {
        if (munmap((nint)start, length) != 0)
        {
            throw new InvalidOperationException("munmap failed.");
        }
    }

    public static unsafe void Protect(byte* start, nuint length, int access)
    {
        if (mprotect((nint)start, length, access) != 0)
        {
            throw new InvalidOperationException("mprotect failed.");
        }
    }

    public static unsafe void Advise(byte* start, nuint length, int advice)
    {
        if (madvise((nint)start, length, advice) != 0)
        {
            throw new InvalidOperationException("madvise failed.");
        }
    }

    /// <summary>A free place with inaccessible pages on both sides, to be taken by the next mapping that is told to be near it.</summary>
    /// <remarks>
    /// Linux joins neighbours of equal protection into one mapping, so that changing one of them is a split, which costs as much again. Two
    /// mappings that are to be compared need neighbours of the same kind.
    /// </remarks>
    public static unsafe nuint PlaceBetweenGuards(nuint length)
    {
        byte* reservation = Map(3 * length);
        Protect(reservation, 3 * length, NoAccess);
        Unmap(reservation + length, length);
        return (nuint)reservation + length;
    }

    /// <summary>The calling thread, from now on.</summary>
    public static unsafe void RunOnProcessor(int number)
    {
        ulong mask = 1UL << number;
        if (sched_setaffinity(0, sizeof(ulong), &mask) != 0)
        {
            throw new InvalidOperationException("sched_setaffinity failed.");
        }
    }

    /// <summary>Copies within the process by way of the kernel, which says where it would have been a fault.</summary>
    public static unsafe nint CopySafely(byte* from, byte* to, nuint length)
    {
        var local = new Part { Start = to, Length = length };
        var remote = new Part { Start = from, Length = length };
        return process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0);
    }

    [LibraryImport("libc")]
    private static unsafe partial nint process_vm_readv(int pid, Part* local, nuint localCount, Part* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc")]
    private static partial nint mmap(nint addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint addr, nuint length);

    [LibraryImport("libc")]
    private static partial int mprotect(nint addr, nuint length, int prot);

    [LibraryImport("libc")]
    private static partial int madvise(nint addr, nuint length, int advice);

    /// <summary>struct iovec.</summary>
    private unsafe struct Part
    {
        public byte* Start;
        public nuint Length;
    }

    [LibraryImport("libc")]
    private static unsafe partial int sched_setaffinity(int pid, nuint size, ulong* mask);
}
