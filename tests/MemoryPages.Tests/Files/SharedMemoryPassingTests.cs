using System.Globalization;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Files;

/// <summary>Shared memory in two processes: by inheritance, by number, through a socket; and what a peer must not be able to do.</summary>
public sealed class SharedMemoryPassingTests
{
    public SharedMemoryPassingTests() => Needed.Call("memfd_create");

    private static readonly nuint s_page = PageSize.Base;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_child_inherits_it_where_that_is_said_and_otherwise_not()
    {
        using var memory = SharedMemory.Create(2 * s_page, new() { Name = "inherited" });
        using Pages<ReadWrite> pages = memory.MapShared();
        pages.Write(0, 41L);
        string number = memory.Descriptor.ToString(CultureInfo.InvariantCulture);
        Assert.False(memory.IsInheritable);
        Assert.Equal(0, Scenario.Run("InheritsNothing", number, "inherited").ExitCode);

        memory.IsInheritable = true;
        Assert.True(memory.IsInheritable);
        ScenarioResult child = Scenario.Run("UseInherited", number);
        Assert.True(child.ExitCode == 0, child.ToString());
        Assert.Equal($"41 in {2 * s_page} bytes", child.Output);
        Assert.Equal(42L, pages.Read<long>(0));

        memory.IsInheritable = false;
        Assert.Equal(0, Scenario.Run("InheritsNothing", number, "inherited").ExitCode);
    }

    [Fact]
    public void Another_process_opens_it_by_the_number_that_it_has_here()
    {
        using var memory = SharedMemory.Create(s_page);
        using Pages<ReadWrite> pages = memory.MapShared();
        ScenarioResult peer = Scenario.Run(
            "UseOfProcess", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), memory.Descriptor.ToString(CultureInfo.InvariantCulture));
        Assert.SkipWhen(peer.ExitCode == 70 && peer.Errors.Contains(nameof(UnauthorizedAccessException)), "This system lets no process look into its parent (ptrace_scope).");
        Assert.True(peer.ExitCode == 0, peer.ToString());
        Assert.Equal(1L, pages.Read<long>(0));
    }

    [Fact]
    public void It_goes_through_a_socket_both_ways()
    {
        using var memory = SharedMemory.Create(s_page, new() { Seals = SharedMemorySeals.Length });
        using Pages<ReadWrite> pages = memory.MapShared();
        pages.Write(0, 99L);
        using var peer = new Peer("ExchangeOverSocket");
        memory.Send(peer.Socket);
        using SharedMemory answer = SharedMemory.Receive(peer.Socket);
        Assert.Equal(100L, pages.Read<long>(0));
        Assert.False(answer.IsInheritable);
        Assert.True((answer.Seals & SharedMemorySeals.Length) == SharedMemorySeals.Length);
        using Pages<ReadOnly> theirs = answer.Map();
        Assert.Equal((3 * s_page, 77L), (theirs.Length, theirs.Read<long>(s_page)));
        Assert.Equal($"99 in {s_page} bytes", peer.Finish());
        Assert.Equal(77L, theirs.Read<long>(s_page)); // it lives on
    }

    [Fact]
    public void A_peer_cannot_shorten_what_is_sealed_and_what_is_not_is_refused()
    {
        using (var peer = new Peer("SendAndShorten", "sealed"))
        {
            using SharedMemory memory = SharedMemory.Receive(peer.Socket);
            using Pages<ReadWrite> pages = memory.MapShared();
            peer.Socket.Send([1]);
            peer.Socket.Receive(new byte[1]);
            pages.Write(3 * s_page, 1L); // would be the end of the process
            Assert.Equal(4 * s_page, memory.Length);
            Assert.Equal("refused", peer.Finish());
        }

        using (var peer = new Peer("SendAndShorten", "open"))
        {
            int descriptors = MemoryFiles();
            Assert.Contains("lacks the seals", Assert.Throws<InvalidDataException>(() => SharedMemory.Receive(peer.Socket)).Message);
            Assert.Equal(descriptors, MemoryFiles());
            peer.Socket.Send([1]);
            peer.Socket.Receive(new byte[1]);
            Assert.Equal("shortened", peer.Finish()); // the attack is real
        }
    }

    [Fact]
    public void A_peer_of_a_writer_can_only_read()
    {
        using var memory = SharedMemory.Create(s_page, new() { Seals = SharedMemorySeals.Length });
        using Pages<ReadWrite> pages = memory.MapShared();
        memory.AddSeals(SharedMemorySeals.FutureWrite | SharedMemorySeals.Seal);
        pages.Write(0, 12L);
        using var peer = new Peer("ReadOnlyPeer");
        memory.Send(peer.Socket);
        Assert.Equal(["12", "Sealed", "AccessDenied", "refused", "Sealed"], peer.Finish().Split('\n'));
        Assert.Equal(12L, pages.Read<long>(0));
    }

    [Fact]
    public async Task Receiving_waits_without_a_thread_and_can_be_ended()
    {
        (Socket one, Socket other) = Peer.Pair();
        using (one)
        using (other)
        {
            using (var soon = new CancellationTokenSource(50))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SharedMemory.ReceiveAsync(other, cancellationToken: soon.Token).AsTask());
            }

            Task<SharedMemory> receiving = SharedMemory.ReceiveAsync(other, cancellationToken: Stop).AsTask();
            await Task.Delay(50, Stop);
            Assert.False(receiving.IsCompleted);
            using var memory = SharedMemory.Create(s_page, new() { Seals = SharedMemorySeals.Length });
            memory.Send(one);
            using SharedMemory received = await receiving;
            Assert.Equal(s_page, received.Length);
            Assert.NotEqual(memory.Descriptor, received.Descriptor);

            // A socket that was used asynchronously does not block by itself any more: receiving waits all the same.
            Task later = Task.Run(async () =>
            {
                await Task.Delay(50, Stop);
                memory.Send(one);
            }, Stop);
            using SharedMemory again = ReceiveBlocking(other);
            await later;
        }
    }

    [Fact]
    public void Messages_that_are_not_memory_are_refused_and_leave_nothing_open()
    {
        (Socket one, Socket other) = Peer.Pair();
        using (one)
        using (other)
        {
            int descriptors = MemoryFiles();
            one.Send([5]);
            Assert.Contains("other than one descriptor", Assert.Throws<InvalidDataException>(() => SharedMemory.Receive(other)).Message);

            using var a = SharedMemory.Create(1, new() { Seals = SharedMemorySeals.Length, Name = "received" });
            Kernel.SendDescriptors(one, a.Descriptor, a.Descriptor, a.Descriptor);
            Assert.Throws<InvalidDataException>(() => SharedMemory.Receive(other));
            Kernel.SendDescriptors(one, [.. Enumerable.Repeat(a.Descriptor, 200)]);
            Assert.Throws<InvalidDataException>(() => SharedMemory.Receive(other));

            using SafeFileHandle device = File.OpenHandle(Needed.File("/dev/zero"));
            Kernel.SendDescriptors(one, (int)device.DangerousGetHandle());
            Assert.Contains("not shared memory", Assert.Throws<InvalidDataException>(() => SharedMemory.Receive(other, SharedMemorySeals.None)).Message);
            Assert.Equal(descriptors + 1, MemoryFiles());

            one.Dispose();
            Assert.Throws<EndOfStreamException>(() => SharedMemory.Receive(other));
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => a.Send(other));
            Assert.Equal(("Send", "sendmsg", "EPIPE"), (told.Operation, told.NativeCall, told.ErrorSymbol));
            Assert.Contains("closed", told.Hint);
        }
    }

    [Fact]
    public void Waiting_ends_with_the_sockets_own_time_out_and_other_sockets_are_refused()
    {
        (Socket one, Socket other) = Peer.Pair();
        using (one)
        using (other)
        {
            other.ReceiveTimeout = 30;
            Assert.Equal(SocketError.TimedOut, Assert.Throws<SocketException>(() => SharedMemory.Receive(other)).SocketErrorCode);

            using var memory = SharedMemory.Create(1);
            one.SendTimeout = 30;
            Assert.Equal(SocketError.TimedOut, Assert.Throws<SocketException>(() => SendForEver(memory, one)).SocketErrorCode); // until the other side's queue is full
        }

        using var unconnected = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var unsent = SharedMemory.Create(1);
        Assert.Equal("ENOTCONN", Assert.Throws<MemoryPagesException>(() => unsent.Send(unconnected)).ErrorSymbol);
        Assert.Throws<ArgumentNullException>(() => unsent.Send(null!));
        Assert.Throws<ArgumentNullException>(() => SharedMemory.Receive(null!));
    }

    [Theory]
    [InlineData(Fcntl, EPERM)]
    [InlineData(Ftruncate, EIO)]
    [InlineData(MemfdCreate, EMFILE)]
    public void A_refused_call_leaves_nothing_open(int call, int error)
    {
        Assert.SkipUnless(IsPossible, "Refusing calls takes seccomp on x86-64 Linux.");
        During(
            () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    Assert.Equal(error, Assert.Throws<MemoryPagesException>(
                        () => SharedMemory.Create(0x1357000, new() { Name = "refused", Seals = SharedMemorySeals.Length })).ErrorCode);
                }
            },
            call == Fcntl ? new FailingCall(call, error, 1033) : call == Ftruncate ? new FailingCall(call, error, 0x1357000) : new FailingCall(call, error, 9));
        Assert.DoesNotContain(new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles(), file => file.LinkTarget?.Contains("memfd:refused") == true);
    }

    private static SharedMemory ReceiveBlocking(Socket socket) => SharedMemory.Receive(socket);

    private static void SendForEver(SharedMemory memory, Socket socket)
    {
        while (true)
        {
            memory.Send(socket);
        }
    }

    private static int MemoryFiles() => new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Count(file => file.LinkTarget?.Contains("memfd:received") == true
        || file.LinkTarget?.Contains("memfd:MemoryPages") == true);
}
