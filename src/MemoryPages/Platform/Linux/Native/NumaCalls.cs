using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>
/// mbind(2), set_mempolicy(2), get_mempolicy(2), move_pages(2), getcpu(2): the C library has no names for most of them (libnuma has).
/// </summary>
/// <remarks>Constants: linux/mempolicy.h. Numbers: asm/unistd_64.h of x86-64; asm-generic/unistd.h, which arm64 has.</remarks>
internal static unsafe partial class NumaCalls
{
    public const int MPOL_DEFAULT = 0;
    public const int MPOL_PREFERRED = 1;
    public const int MPOL_BIND = 2;
    public const int MPOL_INTERLEAVE = 3;
    public const int MPOL_LOCAL = 4;
    public const int MPOL_PREFERRED_MANY = 5;
    public const int MPOL_WEIGHTED_INTERLEAVE = 6;

    /// <summary>Flags stand above these bits of a mode.</summary>
    public const int MPOL_MODE_MASK = 0xFF;

    public const nint MPOL_F_ADDR = 2;

    /// <summary>Pages that this process alone has.</summary>
    public const nint MPOL_MF_MOVE = 2;

    /// <summary>All pages.</summary>
    public const nint MPOL_MF_MOVE_ALL = 4;

    /// <summary>Bits of a set of nodes: more than any kernel is built for (CONFIG_NODES_SHIFT is at most 10).</summary>
    public const int MaskBits = 1024;

    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static nint SYS_mbind => s_isX64 ? 237 : 235;

    public static nint SYS_set_mempolicy => s_isX64 ? 238 : 237;

    public static nint SYS_get_mempolicy => s_isX64 ? 239 : 236;

    public static nint SYS_move_pages => s_isX64 ? 279 : 239;

    public static nint SYS_getcpu => s_isX64 ? 309 : 168;

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint mbind(nint number, nuint addr, nuint len, nint mode, ulong* nodes, nuint maxNode, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint set_mempolicy(nint number, nint mode, ulong* nodes, nuint maxNode);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint get_mempolicy(nint number, int* mode, ulong* nodes, nuint maxNode, nuint addr, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint move_pages(nint number, nint pid, nuint count, nuint* pages, int* nodes, int* status, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint getcpu(nint number, uint* cpu, uint* node, nint unused);
}
