using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Platform.Linux.Native.SocketCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Open files in messages between processes (unix(7), SCM_RIGHTS).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>
    /// Room for what a peer may add of its own accord: more descriptors, its credentials. What does not fit the kernel leaves out, and closes.
    /// </summary>
    private const int ControlRoom = 256;

    public override SystemError SendFile(SafeHandle socket, SafeFileHandle file, out bool mustWait)
    {
        bool held = false;
        using var descriptor = new HeldDescriptor(file);
        try
        {
            socket.DangerousAddRef(ref held);
            byte content = 0;
            var part = new ContentCalls.IoVector { Base = (nuint)(&content), Length = 1 };
            DescriptorMessage control = default;
            control.Head.Length = (nuint)(sizeof(ControlHead) + sizeof(int));
            control.Head.Level = SOL_SOCKET;
            control.Head.Kind = SCM_RIGHTS;
            control.Descriptor = descriptor.Number;
            var message = new Message { Parts = &part, PartCount = 1, Control = (byte*)&control, ControlLength = (nuint)sizeof(DescriptorMessage) };
            return Exchange(socket, &message, sends: true, out _, out mustWait);
        }
        finally
        {
            Release(socket, held);
        }
    }

    public override SystemError ReceiveFile(SafeHandle socket, SafeFileHandle file, out nuint bytes, out bool mustWait)
    {
        bool held = false;
        try
        {
            socket.DangerousAddRef(ref held);
            byte content;
            byte* control = stackalloc byte[ControlRoom];
            var part = new ContentCalls.IoVector { Base = (nuint)(&content), Length = 1 };
            var message = new Message { Parts = &part, PartCount = 1, Control = control, ControlLength = ControlRoom };
            SystemError error = Exchange(socket, &message, sends: false, out bytes, out mustWait);
            if (!error.Failed)
            {
                TakeOnlyDescriptor(message, file);
            }

            return error;
        }
        finally
        {
            Release(socket, held);
        }
    }

    private static SystemError Exchange(SafeHandle socket, Message* message, bool sends, out nuint bytes, out bool mustWait)
    {
        int number = (int)socket.DangerousGetHandle();
        while (true)
        {
            nint done = sends ? sendmsg(number, message, MSG_DONTWAIT | MSG_NOSIGNAL) : recvmsg(number, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            SystemError error = done >= 0 ? SystemError.None : Errno.Last(sends ? "sendmsg" : "recvmsg");
            if (error.Code != Errno.EINTR)
            {
                bytes = done > 0 ? (nuint)done : 0;
                mustWait = error.Code == Errno.EAGAIN;
                return error;
            }
        }
    }

    /// <summary>Every descriptor that came is ours to close: a peer may send more than one, to fill our table.</summary>
    private static void TakeOnlyDescriptor(in Message message, SafeFileHandle file)
    {
        int count = 0;
        int only = -1;
        for (nuint at = 0; at + (nuint)sizeof(ControlHead) <= message.ControlLength;)
        {
            var head = (ControlHead*)(message.Control + at);
            if (head->Length < (nuint)sizeof(ControlHead) || head->Length > message.ControlLength - at)
            {
                break;
            }

            if ((head->Level, head->Kind) == (SOL_SOCKET, SCM_RIGHTS))
            {
                var descriptors = new Span<int>(head + 1, (int)((head->Length - (nuint)sizeof(ControlHead)) / sizeof(int)));
                foreach (int descriptor in descriptors)
                {
                    if (count++ == 0)
                    {
                        only = descriptor;
                    }
                    else
                    {
                        _ = MemoryFileCalls.close(descriptor);
                    }
                }
            }

            at += MemoryPages.PageSize.AlignUp(head->Length, (nuint)sizeof(nuint));
        }

        if (count == 1 && (message.Flags & MSG_CTRUNC) == 0)
        {
            Marshal.InitHandle(file, only);
        }
        else if (only >= 0)
        {
            _ = MemoryFileCalls.close(only);
        }
    }

    private static void Release(SafeHandle handle, bool held)
    {
        if (held)
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>One descriptor, with the padding that ends a piece.</summary>
    private struct DescriptorMessage
    {
        public ControlHead Head;
        public int Descriptor;
        public int Padding;
    }
}
