using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>mbind(2), move_pages(2): the C library has no names for them (libnuma has).</summary>
/// <remarks>Constants: linux/mempolicy.h. Numbers: asm/unistd_64.h of x86-64; asm-generic/unistd.h, which arm64 has.</remarks>
internal static unsafe partial class NumaCalls
{
    public const int MPOL_DEFAULT = 0;
    public const int MPOL_PREFERRED = 1;
    public const int MPOL_BIND = 2;
    public const int MPOL_INTERLEAVE = 3;

    /// <summary>Bits of a set of nodes: more than any kernel is built for (CONFIG_NODES_SHIFT is at most 10).</summary>
    public const int MaskBits = 1024;

    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static nint SYS_mbind => s_isX64 ? 237 : 235;

    public static nint SYS_move_pages => s_isX64 ? 279 : 239;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint mbind(nint number, nuint addr, nuint len, nint mode, ulong* nodes, nuint maxNode, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint move_pages(nint number, nint pid, nuint count, nuint* pages, int* nodes, int* status, nint flags);
}
