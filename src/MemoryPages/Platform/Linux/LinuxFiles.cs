using System.Globalization;

namespace MemoryPages.Platform.Linux;

/// <summary>Numbers out of the kernel's text files. A file that is missing or closed to us reads as 0: these facts help, nothing rests on them.</summary>
internal static class LinuxFiles
{
    public static long ReadNumber(string path) => First(ReadText(path));

    /// <summary>The first number behind <paramref name="field"/>, which stands at the start of a line.</summary>
    public static long ReadField(string path, string field)
    {
        foreach (ReadOnlySpan<char> line in ReadText(path).EnumerateLines())
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                return First(line[field.Length..]);
            }
        }

        return 0;
    }

    public static int CountLines(string path) => ReadText(path).Count('\n');

    private static long First(ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        if (text.StartsWith("unlimited", StringComparison.Ordinal))
        {
            return long.MaxValue;
        }

        int end = text.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }

    private static ReadOnlySpan<char> ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
