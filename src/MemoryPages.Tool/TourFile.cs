using System.Runtime.InteropServices;

namespace MemoryPages.Tool;

/// <summary>The file to show: the one that the user names, or one of theirs that is sure to exist and is worth mapping.</summary>
internal static class TourFile
{
    /// <summary>
    /// Why a file cannot be shown, or null. A file without a length is refused before it is opened: it has no pages to map, and a pipe, which has
    /// none either, would make the opening wait for ever.
    /// </summary>
    public static string? ProblemOf(string path)
    {
        try
        {
            return Directory.Exists(path) ? $"'{path}' is a directory; name a file."
                : !File.Exists(path) ? $"There is no file '{path}'."
                : BehindLinks(new FileInfo(path)).Length == 0 ? $"'{path}' has no content to map."
                : null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    /// <summary>A link has a length of its own, which is not the file's.</summary>
    public static FileInfo BehindLinks(FileInfo file) => (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;

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
