using System.Net.Sockets;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>From one process to another.</content>
public sealed partial class SharedMemory
{
    /// <summary>The number of the descriptor in this process, under which a child inherits it and another process opens it.</summary>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public int Descriptor
    {
        get
        {
            ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
            return (int)Handle.DangerousGetHandle();
        }
    }

    /// <summary>
    /// Whether child processes that are started from now on have it too, under the same number: <see cref="Descriptor"/>. False at first. It holds
    /// for every child that any thread starts meanwhile.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    /// <remarks>Linux: the absence of <c>FD_CLOEXEC</c>. Windows: <c>HANDLE_FLAG_INHERIT</c>.</remarks>
    public bool IsInheritable
    {
        get
        {
            ThrowIfFailed(MemorySystem.Current.QueryInheritable(Handle, out bool inheritable), nameof(IsInheritable));
            return inheritable;
        }

        set => ThrowIfFailed(MemorySystem.Current.SetInheritable(Handle, value), nameof(IsInheritable));
    }

    /// <summary>Sends it to the process at the other end of a Unix-domain socket, in a message of one byte. It stays open here.</summary>
    /// <param name="socket">A connected Unix-domain socket. What was sent before and after is received before and after.</param>
    /// <exception cref="ObjectDisposedException">This, or the socket, was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the other side has closed, or it is no such socket.</exception>
    /// <exception cref="SocketException">The socket's <see cref="Socket.SendTimeout"/> passed.</exception>
    /// <remarks>
    /// Linux: sendmsg(2) with <c>SCM_RIGHTS</c>. A program in another language receives a zero byte with one descriptor. Windows refuses
    /// (<see cref="ErrorReason.NotSupported"/>): its sockets carry no handles.
    /// </remarks>
    public void Send(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        while (true)
        {
            SystemError error = MemorySystem.Current.SendFile(socket.SafeHandle, Handle, out bool mustWait);
            if (!mustWait)
            {
                ThrowIfFailed(error, nameof(Send));
                return;
            }

            WaitFor(socket, SelectMode.SelectWrite, socket.SendTimeout);
        }
    }

    /// <summary>Waits for memory that the process at the other end of a Unix-domain socket sends, and takes it if it is fit to be mapped.</summary>
    /// <param name="socket">A connected Unix-domain socket. One byte of it is read.</param>
    /// <param name="seals">
    /// What must be sealed: the length, if nothing else is said. <see cref="SharedMemorySeals.None"/> trusts the other side with this process.
    /// </param>
    /// <exception cref="InvalidDataException">What came was no memory, or lacks a seal. It is closed again.</exception>
    /// <exception cref="EndOfStreamException">The other side has closed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="SocketException">The socket's <see cref="Socket.ReceiveTimeout"/> passed.</exception>
    /// <remarks>Child processes do not inherit it. Linux: recvmsg(2) with <c>SCM_RIGHTS</c>.</remarks>
    public static SharedMemory Receive(Socket socket, SharedMemorySeals seals = SharedMemorySeals.Length)
    {
        ArgumentNullException.ThrowIfNull(socket);
        SharedMemory? memory;
        while (!TryReceive(socket, seals, out memory))
        {
            WaitFor(socket, SelectMode.SelectRead, socket.ReceiveTimeout);
        }

        return memory!;
    }

    /// <summary>As <see cref="Receive"/>, without a thread that waits.</summary>
    /// <param name="socket">A connected Unix-domain socket. One byte of it is read.</param>
    /// <param name="seals">What must be sealed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidDataException">What came was no memory, or lacks a seal. It is closed again.</exception>
    /// <exception cref="EndOfStreamException">The other side has closed.</exception>
    /// <exception cref="OperationCanceledException">The waiting was ended. Nothing was read.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public static async ValueTask<SharedMemory> ReceiveAsync(
        Socket socket, SharedMemorySeals seals = SharedMemorySeals.Length, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        SharedMemory? memory;
        while (!TryReceive(socket, seals, out memory))
        {
            // Receiving nothing waits until there is something, and leaves it there.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }

        return memory!;
    }

    /// <summary>False where nothing has come yet.</summary>
    private static bool TryReceive(Socket socket, SharedMemorySeals seals, out SharedMemory? memory)
    {
        memory = null;
        var handle = new SafeFileHandle();
        SystemError error = MemorySystem.Current.ReceiveFile(socket.SafeHandle, handle, out nuint bytes, out bool mustWait);
        if (mustWait)
        {
            return false;
        }

        if (error.Failed)
        {
            throw MappingHandle.Failure(error, nameof(Receive), null, 0, 1, PageSize.Base);
        }

        if (handle.IsInvalid)
        {
            throw bytes == 0
                ? new EndOfStreamException("The other side of the socket has closed before it sent shared memory.")
                : new InvalidDataException("The message that came holds other than one descriptor: it was not sent as shared memory.");
        }

        SharedMemory received = OwnChecked(handle, null);
        try
        {
            received.EnsureSealed(seals);
            memory = received;
            return true;
        }
        finally
        {
            if (memory is null)
            {
                received.Dispose();
            }
        }
    }

    private static void WaitFor(Socket socket, SelectMode mode, int milliseconds)
    {
        if (!socket.Poll(milliseconds <= 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds), mode))
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }
}
