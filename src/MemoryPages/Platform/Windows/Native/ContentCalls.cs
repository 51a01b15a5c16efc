using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>NtReadVirtualMemory, NtWriteVirtualMemory: the kernel copies, and says where it could not.</summary>
/// <remarks>
/// Not WriteProcessMemory, which is made for debuggers: it makes pages writable that are not. These return an NTSTATUS, not a last error; the counts
/// are set on a partial copy too.
/// </remarks>
internal static partial class ContentCalls
{
    [LibraryImport("ntdll")]
    public static partial int NtReadVirtualMemory(nint ProcessHandle, nuint BaseAddress, nuint Buffer, nuint BufferLength, out nuint BytesRead);

    [LibraryImport("ntdll")]
    public static partial int NtWriteVirtualMemory(nint ProcessHandle, nuint BaseAddress, nuint Buffer, nuint BufferLength, out nuint BytesWritten);
}
