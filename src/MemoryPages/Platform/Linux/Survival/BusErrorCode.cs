using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Survival;

/// <summary>
/// The machine code that answers SIGBUS: the source, with comments, is eng/bus-error-handler. It depends on no address; its last eight bytes, zeros
/// here, are the address of the data of an installation.
/// </summary>
internal static partial class BusErrorCode
{
    /// <summary>Empty where there is none.</summary>
    public static ReadOnlySpan<byte> ForThisProcessor => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => [],
    };
}
