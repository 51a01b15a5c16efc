using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tool;

/// <summary>The second process of the tour's step on shared memory: this program once more, with a command that the help does not show.</summary>
internal static class Peer
{
    public const string Command = "peer";

    /// <summary>What the second process adds to each number.</summary>
    public const long Added = 1;

    /// <summary>Runs it to its end, with what it inherits.</summary>
    /// <returns>Whether all went well there.</returns>
    public static bool Run(int descriptor)
    {
        string program = Environment.ProcessPath!;
        string number = descriptor.ToString(CultureInfo.InvariantCulture);
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [Environment.GetCommandLineArgs()[0], Command, number]
            : [Command, number];
        using Process peer = Process.Start(program, arguments);
        peer.WaitForExit();
        return peer.ExitCode == ExitCode.Success;
    }

    /// <summary>In the second process.</summary>
    public static int Serve(int descriptor)
    {
        using var inherited = new SafeFileHandle(descriptor, ownsHandle: true);
        using SharedMemory shared = SharedMemory.FromHandle(inherited);
        shared.EnsureSealed();
        using Pages<ReadWrite> pages = shared.MapShared();
        using WriteView view = pages.Write();
        foreach (ref long number in view.Elements<long>())
        {
            number += Added;
        }

        return ExitCode.Success;
    }
}
