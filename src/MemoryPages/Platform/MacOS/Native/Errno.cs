using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>Error numbers (XNU's bsd/sys/errno.h) and their symbols. From 35 on they are others than Linux's.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int EBADF = 9;
    public const int EDEADLK = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EFAULT = 14;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ETXTBSY = 26;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int ESPIPE = 29;
    public const int EROFS = 30;
    public const int EPIPE = 32;
    public const int EAGAIN = 35;
    public const int ENOTSOCK = 38;
    public const int ENOTSUP = 45;
    public const int ECONNRESET = 54;
    public const int ENOTCONN = 57;
    public const int ELOOP = 62;
    public const int ENAMETOOLONG = 63;
    public const int EDQUOT = 69;
    public const int ENOSYS = 78;
    public const int EOVERFLOW = 84;
    public const int EOPNOTSUPP = 102;

    private static readonly FrozenDictionary<int, string> s_symbols = new Dictionary<int, string>
    {
        [EPERM] = nameof(EPERM),
        [ENOENT] = nameof(ENOENT),
        [EINTR] = nameof(EINTR),
        [EIO] = nameof(EIO),
        [ENXIO] = nameof(ENXIO),
        [EBADF] = nameof(EBADF),
        [EDEADLK] = nameof(EDEADLK),
        [ENOMEM] = nameof(ENOMEM),
        [EACCES] = nameof(EACCES),
        [EFAULT] = nameof(EFAULT),
        [EBUSY] = nameof(EBUSY),
        [EEXIST] = nameof(EEXIST),
        [ENODEV] = nameof(ENODEV),
        [ENOTDIR] = nameof(ENOTDIR),
        [EISDIR] = nameof(EISDIR),
        [EINVAL] = nameof(EINVAL),
        [ENFILE] = nameof(ENFILE),
        [EMFILE] = nameof(EMFILE),
        [ETXTBSY] = nameof(ETXTBSY),
        [EFBIG] = nameof(EFBIG),
        [ENOSPC] = nameof(ENOSPC),
        [ESPIPE] = nameof(ESPIPE),
        [EROFS] = nameof(EROFS),
        [EPIPE] = nameof(EPIPE),
        [EAGAIN] = nameof(EAGAIN),
        [ENOTSOCK] = nameof(ENOTSOCK),
        [ENOTSUP] = nameof(ENOTSUP),
        [ECONNRESET] = nameof(ECONNRESET),
        [ENOTCONN] = nameof(ENOTCONN),
        [ELOOP] = nameof(ELOOP),
        [ENAMETOOLONG] = nameof(ENAMETOOLONG),
        [EDQUOT] = nameof(EDQUOT),
        [ENOSYS] = nameof(ENOSYS),
        [EOVERFLOW] = nameof(EOVERFLOW),
        [EOPNOTSUPP] = nameof(EOPNOTSUPP),
    }.ToFrozenDictionary();

    /// <summary>The error of the native call in the statement before: it must be that statement.</summary>
    public static SystemError Last(string call) => new(call, Marshal.GetLastSystemError());

    public static string Symbol(int code) => s_symbols.GetValueOrDefault(code, "errno");
}
