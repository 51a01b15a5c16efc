using System.Globalization;
using Microsoft.Win32.SafeHandles;

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

    /// <summary>As <see cref="ReadField"/>, of a number that is written in hexadecimal without a prefix.</summary>
    public static long ReadHexadecimalField(string path, string field)
    {
        foreach (ReadOnlySpan<char> line in ReadText(path).EnumerateLines())
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                return long.TryParse(line[field.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number) ? number : 0;
            }
        }

        return 0;
    }

    /// <summary>In small pieces: it is asked when there may be no memory for a large one.</summary>
    public static int CountLines(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            Span<byte> buffer = stackalloc byte[8192];
            int lines = 0;
            long position = 0;
            for (int read; (read = RandomAccess.Read(file, buffer, position)) != 0; position += read)
            {
                lines += buffer[..read].Count((byte)'\n');
            }

            return lines;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

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
