using System.Runtime.InteropServices;

namespace MemoryPages.Tool.Probing;

/// <summary>
/// Calls whose effect is asked after and which the library does not make. By number through libc's syscall(2): not every C library has their names.
/// Numbers: asm/unistd_64.h for x86-64, asm-generic/unistd.h for arm64.
/// </summary>
internal static unsafe partial class SystemCalls
{
    public const int EPERM = 1;

    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static readonly nint IoControl = s_isX64 ? 16 : 29;
    public static readonly nint Map = s_isX64 ? 9 : 222;
    public static readonly nint Unmap = s_isX64 ? 11 : 215;
    public static readonly nint OpenAt = s_isX64 ? 257 : 56;
    public static readonly nint Close = s_isX64 ? 3 : 57;
    public static readonly nint AllocateFile = s_isX64 ? 285 : 47;
    public static readonly nint Limits = s_isX64 ? 302 : 261;
    public static readonly nint MovePages = s_isX64 ? 279 : 239;
    public static readonly nint GetMemoryPolicy = s_isX64 ? 239 : 236;
    public static readonly nint AllocateProtectionKey = s_isX64 ? 330 : 289;
    public static readonly nint FreeProtectionKey = s_isX64 ? 331 : 290;
    public static readonly nint UserFaults = s_isX64 ? 323 : 282;
    public const nint AdviseProcess = 440;

    /// <summary>The call's result; -1 with the error number where it fails.</summary>
    public static nint Invoke(
        nint number, out int error, nint first = 0, nint second = 0, nint third = 0, nint fourth = 0, nint fifth = 0, nint sixth = 0)
    {
        nint result = Call(number, first, second, third, fourth, fifth, sixth);
        error = result == -1 ? Marshal.GetLastPInvokeError() : 0;
        return result;
    }

    /// <summary>Whether a call that makes a descriptor does; it is closed at once.</summary>
    public static bool MakesDescriptor(nint number, nint first)
    {
        nint descriptor = Invoke(number, out _, first);
        if (descriptor >= 0)
        {
            _ = Invoke(Close, out _, descriptor);
        }

        return descriptor >= 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);
}
