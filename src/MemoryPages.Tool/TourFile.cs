using System.Runtime.InteropServices;

namespace MemoryPages.Tool;

/// <summary>A file to show where the user names none: one of theirs that is sure to exist and is worth mapping.</summary>
internal static class TourFile
{
    /// <summary>The largest file of the runtime that runs this program; the program itself where it brings its runtime along.</summary>
    public static string OfThisSystem()
    {
        IEnumerable<FileInfo> candidates = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).EnumerateFiles();
        if (Environment.ProcessPath is { } program)
        {
            candidates = candidates.Append(new FileInfo(program));
        }

        return candidates.Where(static file => file.Exists).MaxBy(static file => file.Length)?.FullName
            ?? throw new FileNotFoundException("The runtime's own files cannot be found: name a file with --file.");
    }
}
