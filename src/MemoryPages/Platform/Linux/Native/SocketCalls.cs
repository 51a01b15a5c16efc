using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Linux.Native;

/// <summary>
/// sendmsg(2), recvmsg(2): messages with descriptors beside their bytes, which the framework's sockets cannot carry (unix(7), cmsg(3)).
/// </summary>
internal static unsafe partial class SocketCalls
{
    public const int SOL_SOCKET = 1;
    public const int SCM_RIGHTS = 1;

    public const int MSG_CTRUNC = 0x8;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    [LibraryImport("libc")]
    public static partial nint sendmsg(int socket, Message* message, int flags);

    [LibraryImport("libc")]
    public static partial nint recvmsg(int socket, Message* message, int flags);

    /// <summary>struct msghdr. The C library's declarations differ in the width of the counts; zeroed padding makes them one.</summary>
    public struct Message
    {
        public void* Name;
        public nuint NameLength;
        public ContentCalls.IoVector* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public nint Flags;
    }

    /// <summary>struct cmsghdr: heads each piece of what a message carries beside its bytes. Pieces begin at multiples of its alignment.</summary>
    public struct ControlHead
    {
        public nuint Length;
        public int Level;
        public int Kind;
    }
}
