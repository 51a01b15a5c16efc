using System.Globalization;
using System.Text;

namespace MemoryPages.Code;

/// <summary>
/// Names of functions for perf(1): a line <c>start length name</c> for each, in hexadecimal, in a file that it looks for by the process's number.
/// </summary>
/// <remarks>
/// The runtime writes the same file for its own code where <c>DOTNET_PerfMapEnabled</c> is set; lines are appended whole. A link in its place is not
/// followed: anybody may put one into /tmp. Only ever a wish: what cannot be written is not there.
/// </remarks>
internal sealed class PerfMap
{
    private static readonly Lazy<PerfMap?> s_ofThisProcess = new(TryOpen);

    private readonly Lock _lock = new();
    private readonly FileStream _file;

    private PerfMap(FileStream file) => _file = file;

    /// <summary>Null where the file cannot be had.</summary>
    public static PerfMap? OfThisProcess => s_ofThisProcess.Value;

    public void Add(nuint address, int length, string? name)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{address:x} {length:x} {Printable(name ?? "[code]")}\n");
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        lock (_lock)
        {
            try
            {
                _file.Seek(0, SeekOrigin.End);
                _file.Write(bytes);
                _file.Flush();
            }
            catch (IOException)
            {
                // The disk is full: a name less.
            }
        }
    }

    private static PerfMap? TryOpen()
    {
        // Not the temporary folder of this user: perf(1) looks here.
        string path = string.Create(CultureInfo.InvariantCulture, $"/tmp/perf-{Environment.ProcessId}.map");
        try
        {
            return new FileInfo(path) is { Exists: true, LinkTarget: not null }
                ? null
                : new PerfMap(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Printable(string name) => name.ReplaceLineEndings(" ");
}
