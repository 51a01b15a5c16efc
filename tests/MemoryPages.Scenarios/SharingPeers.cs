using System.Globalization;
using System.Net.Sockets;
using MemoryPages.Testing;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Scenarios;

/// <summary>The other process that shares memory. Each adds one to the first number in it and says what it found.</summary>
internal static class SharingPeers
{
    [Scenario]
    public static int UseInherited(string[] arguments)
    {
        using SharedMemory memory = SharedMemory.FromHandle(new SafeFileHandle(nint.Parse(arguments[0], CultureInfo.InvariantCulture), ownsHandle: true));
        return Use(memory);
    }

    /// <summary>Exit 0 where the number is not open, or another file.</summary>
    [Scenario]
    public static int InheritsNothing(string[] arguments) =>
        new FileInfo(Needed.File($"/proc/self/fd/{arguments[0]}")).LinkTarget?.Contains(arguments[1], StringComparison.Ordinal) == true ? 1 : 0;

    [Scenario]
    public static int UseOfProcess(string[] arguments)
    {
        int[] numbers = [.. arguments.Select(argument => int.Parse(argument, CultureInfo.InvariantCulture))];
        using SharedMemory memory = SharedMemory.OpenOfProcess(numbers[0], numbers[1]);
        return Use(memory);
    }

    [Scenario]
    public static int UseNamed(string[] arguments)
    {
        using SharedMemory memory = SharedMemory.OpenNamed(arguments[0]);
        return Use(memory);
    }

    /// <summary>Opens or makes memory of a name and counts itself in: several at once.</summary>
    [Scenario]
    public static int CountInNamed(string[] arguments)
    {
        using SharedMemory memory = SharedMemory.OpenOrCreateNamed(arguments[0], PageSize.Base, new() { KeepName = true, ReplaceUnused = false });
        using Pages<ReadWrite> pages = memory.MapShared();
        using WriteView view = pages.Write();
        Interlocked.Increment(ref view.Elements<int>()[0]);
        return 0;
    }

    /// <summary>Receives memory from the test and sends memory of its own back.</summary>
    [Scenario]
    public static int ExchangeOverSocket(string[] arguments)
    {
        using Socket socket = Connect(arguments[0]);
        using SharedMemory memory = SharedMemory.Receive(socket);
        if (Use(memory) != 0)
        {
            return 1;
        }

        using SharedMemory answer = SharedMemory.Create(3 * PageSize.Base, new() { Seals = SharedMemorySeals.Length });
        using (Pages<ReadWrite> pages = answer.MapShared())
        {
            pages.Write(PageSize.Base, 77L);
        }

        answer.Send(socket);
        return socket.Receive(new byte[1]) == 0 ? 0 : 2; // until the test has looked at it
    }

    /// <summary>
    /// An attacker: it keeps hold of what it sent, tries to shorten it, and says what came of that. With an argument more, it sends memory that nothing is sealed of.
    /// </summary>
    [Scenario]
    public static int SendAndShorten(string[] arguments)
    {
        using Socket socket = Connect(arguments[0]);
        bool isSealed = arguments[1] == "sealed";
        using SharedMemory memory = SharedMemory.Create(4 * PageSize.Base, new() { Seals = isSealed ? SharedMemorySeals.Length : SharedMemorySeals.None });
        memory.Send(socket);
        socket.Receive(new byte[1]); // mapped
        try
        {
            RandomAccess.SetLength(memory.Handle, 0);
            Console.WriteLine("shortened");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Console.WriteLine("refused");
        }

        socket.Send([1]);
        return socket.Receive(new byte[1]) == 0 ? 0 : 2;
    }

    /// <summary>Is to read only: every way to write that it has is refused.</summary>
    [Scenario]
    public static int ReadOnlyPeer(string[] arguments)
    {
        using Socket socket = Connect(arguments[0]);
        using SharedMemory memory = SharedMemory.Receive(socket, SharedMemorySeals.Length | SharedMemorySeals.FutureWrite);
        using Pages<ReadOnly> pages = memory.Map();
        Console.WriteLine(pages.Read<long>(0));
        Console.WriteLine(Outcome(() => memory.MapShared().Dispose()));
        Console.WriteLine(Outcome(() => pages.AllowWrite().Dispose()));
        Console.WriteLine(Outcome(() => RandomAccess.Write(memory.Handle, [1], 0)));
        using SharedMemory again = SharedMemory.OpenOfProcess(Environment.ProcessId, memory.Descriptor);
        Console.WriteLine(Outcome(() => again.MapShared().Dispose()));
        return 0;
    }

    /// <summary>Makes a name and is killed: what it leaves is nobody's.</summary>
    [Scenario]
    public static int DieWithName(string[] arguments)
    {
#pragma warning disable MP1007 // its Dispose would take the name away, and who is killed does not come to that
        SharedMemory memory = SharedMemory.CreateNamed(arguments[0], PageSize.Base);
#pragma warning restore MP1007
        using Pages<ReadWrite> pages = memory.MapShared();
        memory.Handle.Dispose(); // mapped only: that counts as use too
        Console.WriteLine("made");
        Console.Out.Flush();
        Console.In.ReadLine();
        Kernel.ExitNow(9);
        return 0;
    }

    private static string Outcome(Action action)
    {
        try
        {
            action();
            return "done";
        }
        catch (MemoryPagesException refused)
        {
            return refused.Reason.ToString();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return "refused";
        }
    }

    private static int Use(SharedMemory memory)
    {
        using Pages<ReadWrite> pages = memory.MapShared();
        long found = pages.Read<long>(0);
        pages.Write(0, found + 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{found} in {memory.Length} bytes"));
        return 0;
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
