namespace MemoryPages.Platform.Linux.Native;

/// <summary>
/// What fcntl(2) is asked of files in memory: their seals, and whether children inherit them. The call itself is <see cref="FileCalls"/>'.
/// </summary>
/// <remarks>Constants: linux/fcntl.h. The seals' own numbers are those of <see cref="SharedMemorySeals"/>.</remarks>
internal static class SealCalls
{
    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int F_ADD_SEALS = 1033;
    public const int F_GET_SEALS = 1034;

    public const int FD_CLOEXEC = 1;
}
