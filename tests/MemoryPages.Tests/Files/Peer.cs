using System.Diagnostics;
using System.Net.Sockets;

namespace MemoryPages.Tests.Files;

/// <summary>Another process, connected by a Unix-domain socket.</summary>
internal sealed class Peer : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
    private readonly Process _process;

    public Peer(string scenario, params string[] arguments)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen();
        _process = Scenario.Start(scenario, [_path, .. arguments]);
        Socket = listener.Accept();
    }

    public Socket Socket { get; }

    /// <summary>Hangs up and waits for its end.</summary>
    public string Finish()
    {
        Socket.Dispose();
        string output = _process.StandardOutput.ReadToEnd().Trim();
        string errors = _process.StandardError.ReadToEnd();
        _process.WaitForExit();
        Assert.True(_process.ExitCode == 0, $"exit {_process.ExitCode}\n{output}\n{errors}");
        return output;
    }

    public void Dispose()
    {
        Socket.Dispose();
        _process.Kill();
        _process.Dispose();
        File.Delete(_path);
    }

    /// <summary>Two sockets of this process, connected with each other.</summary>
    public static (Socket One, Socket Other) Pair()
    {
        string path = Path.Combine(Path.GetTempPath(), "memorypages-" + Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var one = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        one.Connect(new UnixDomainSocketEndPoint(path));
        Socket other = listener.Accept();
        File.Delete(path);
        return (one, other);
    }
}
