using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Files that shrink.</content>
public static partial class Pages
{
    /// <summary>
    /// Whether <see cref="FileMapOptions.SurviveTruncation"/> can be had: on Linux, on x86-64 and arm64. Windows lets nobody shorten a file on its
    /// own disks that is mapped; but accesses do not survive a disk that fails or a server that shortens its file, so that it cannot be had there.
    /// </summary>
    public static bool TruncationSurvivalSupported => MemorySystem.Current.TruncationSurvival is not null;

    private static void ThrowIfCannotSurvive(bool isWished)
    {
        if (isWished && !TruncationSurvivalSupported)
        {
            throw new PlatformNotSupportedException(
                "SurviveTruncation needs a signal handler in machine code, which there is for Linux on x86-64 and arm64 only. "
                + "Windows shortens no file that is mapped: map it without. TryCopyTo and TryRead work everywhere.");
        }
    }
}
