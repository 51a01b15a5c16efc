using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Platform.MacOS;

/// <summary>Errors that no errno tells: those of Mach's calls, and of what the system has no call for.</summary>
internal static class MacErrors
{
    /// <summary>What Mach's calls return, as the errno that the calls of Unix would have set; the call keeps its name.</summary>
    public static SystemError OfMach(string call, int result) => result == MachCalls.KERN_SUCCESS ? SystemError.None : new(call, result switch
    {
        MachCalls.KERN_INVALID_ADDRESS => Errno.EFAULT,
        MachCalls.KERN_PROTECTION_FAILURE or MachCalls.KERN_NO_ACCESS => Errno.EACCES,
        MachCalls.KERN_NO_SPACE or MachCalls.KERN_RESOURCE_SHORTAGE => Errno.ENOMEM,
        _ => Errno.EINVAL,
    });

    /// <summary>What the system has no call for, as the error of the call that would be the nearest.</summary>
    public static SystemError NotSupported(string call) => new(call, Errno.ENOTSUP);
}
