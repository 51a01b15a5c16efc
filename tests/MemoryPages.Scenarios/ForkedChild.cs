using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>A copy of this process, for one look at its memory.</summary>
internal static unsafe class ForkedChild
{
    private const int NoSuchPage = 254;

    /// <summary>The byte that a forked child reads at an address, or 254 where it has no such page.</summary>
    public static int Sees(nuint address)
    {
        // A forked child has one thread and may wait for no lock of another: all that it runs is there before, and no collector can stop it.
        foreach (string method in (string[])[nameof(Kernel.Fork), nameof(Kernel.Residency), nameof(Kernel.ExitNow), nameof(Kernel.WaitFor)])
        {
            Marshal.Prelink(typeof(Kernel).GetMethod(method)!);
        }

        nint libc = NativeLibrary.Load("libc.so.6");
        nint fork = NativeLibrary.GetExport(libc, "fork");
        nint mincore = NativeLibrary.GetExport(libc, "mincore");
        nint exit = NativeLibrary.GetExport(libc, "_exit");
        RuntimeHelpers.PrepareMethod(((Action<nint, nint, nint, nuint>)Look).Method.MethodHandle);
        int child = ForkAndLook(fork, mincore, exit, (nint)address, PageSize.Base);
        int status;
        return Kernel.WaitFor(child, &status, 0) == child && (status & 0x7f) == 0
            ? (status >> 8) & 0xff
            : throw new InvalidOperationException($"Child {child} ended with {status:x}.");
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int ForkAndLook(nint fork, nint mincore, nint exit, nint address, nuint page)
    {
        int child = ((delegate* unmanaged[SuppressGCTransition]<int>)fork)();
        if (child == 0)
        {
            Look(mincore, exit, address, page);
        }

        return child;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Look(nint mincore, nint exit, nint address, nuint page)
    {
        byte resident;
        bool mapped = ((delegate* unmanaged[SuppressGCTransition]<byte*, nuint, byte*, int>)mincore)((byte*)address, page, &resident) == 0;
        ((delegate* unmanaged[SuppressGCTransition]<int, void>)exit)(mapped ? *(byte*)address : NoSuchPage);
    }
}
