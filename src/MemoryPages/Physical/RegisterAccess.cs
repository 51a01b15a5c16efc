using System.Runtime.CompilerServices;

namespace MemoryPages.Physical;

/// <summary>One load or store of exactly the width that the name says.</summary>
/// <remarks>
/// Never to be inlined. Where the JIT sees what becomes of a value it narrows the load: <c>(Volatile.Read(ref *(ulong*)p) &amp; 1) != 0</c> reads one
/// byte, and a device that takes eight or nothing answers with nothing. Optimized at once, so that there is no other version of the code. Reads
/// acquire and writes release, as all volatile access does.
/// </remarks>
internal static unsafe class RegisterAccess
{
    private const MethodImplOptions Exactly = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Exactly)]
    public static byte Read8(nuint address) => Volatile.Read(ref *(byte*)address);

    [MethodImpl(Exactly)]
    public static ushort Read16(nuint address) => Volatile.Read(ref *(ushort*)address);

    [MethodImpl(Exactly)]
    public static uint Read32(nuint address) => Volatile.Read(ref *(uint*)address);

    [MethodImpl(Exactly)]
    public static ulong Read64(nuint address) => Volatile.Read(ref *(ulong*)address);

    [MethodImpl(Exactly)]
    public static void Write8(nuint address, byte value) => Volatile.Write(ref *(byte*)address, value);

    [MethodImpl(Exactly)]
    public static void Write16(nuint address, ushort value) => Volatile.Write(ref *(ushort*)address, value);

    [MethodImpl(Exactly)]
    public static void Write32(nuint address, uint value) => Volatile.Write(ref *(uint*)address, value);

    [MethodImpl(Exactly)]
    public static void Write64(nuint address, ulong value) => Volatile.Write(ref *(ulong*)address, value);
}
