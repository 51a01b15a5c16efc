using MemoryPages.Platform;

namespace MemoryPages;

/// <content>Files that shrink.</content>
public static partial class Pages
{
    /// <summary>
    /// Whether <see cref="FileMapOptions.SurviveTruncation"/> can be had: on Linux, on x86-64 and arm64. Windows lets nobody shorten a file on its own disks that is
    /// mapped; what it cannot promise is to survive a disk that fails or a file server that does otherwise, so it does not say that it does.
    /// </summary>
    public static bool TruncationSurvivalSupported => MemorySystem.Current.TruncationSurvival is not null;

    private static void ThrowIfCannotSurvive(bool isWished)
    {
        if (isWished && !TruncationSurvivalSupported)
        {
            throw new PlatformNotSupportedException(
                "SurviveTruncation needs a signal handler in machine code, which there is for Linux on x86-64 and arm64 only. Windows shortens no file that is mapped: "
                + "map it without. TryCopyTo and TryRead work everywhere.");
        }
    }
}
