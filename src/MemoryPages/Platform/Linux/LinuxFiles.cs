using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux;

/// <summary>
/// Numbers out of the kernel's text files. A file that is missing or closed to us reads as 0: these facts help, nothing rests on them.
/// </summary>
/// <remarks>On the stack, but for the file's handle: some of it is asked when there is no memory left to be had.</remarks>
internal static class LinuxFiles
{
    /// <summary>More than any of the files that are read for a field have.</summary>
    private const int MostBytes = 8 * 1024;

    /// <summary>The number that the file begins with.</summary>
    public static long ReadNumber(string path) => ReadField(path, "");

    /// <summary>The first number behind <paramref name="field"/>, which stands at the start of a line. "unlimited" is the largest there is.</summary>
    public static long ReadField(string path, string field) => Read(path, field, NumberStyles.None);

    /// <summary>As <see cref="ReadField"/>, of a number that is written in hexadecimal without a prefix.</summary>
    public static long ReadHexadecimalField(string path, string field) => Read(path, field, NumberStyles.AllowHexSpecifier);

    /// <summary>A list such as <c>0-2,5</c>; empty where there is none.</summary>
    public static int[] ReadList(string path) => ReadListField(path, "");

    /// <summary>Such a list behind <paramref name="field"/>, which stands at the start of a line.</summary>
    public static int[] ReadListField(string path, string field)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        ReadOnlySpan<byte> text = LineOf(buffer[..ReadStart(path, buffer)], field);
        var numbers = new List<int>();
        foreach (Range part in text.Split((byte)','))
        {
            ReadOnlySpan<byte> bounds = text[part];
            int dash = bounds.IndexOf((byte)'-');
            if (int.TryParse(dash < 0 ? bounds : bounds[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                && int.TryParse(bounds[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int last) && last >= first)
            {
                numbers.AddRange(Enumerable.Range(first, last - first + 1));
            }
        }

        return [.. numbers];
    }

    /// <summary>The word in brackets, which is the one that holds, of <c>always [madvise] never</c>; empty where there is none.</summary>
    public static string ReadChoice(string path)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        ReadOnlySpan<byte> text = buffer[..ReadStart(path, buffer)];
        int start = text.IndexOf((byte)'[') + 1;
        int length = text[start..].IndexOf((byte)']');
        return start > 0 && length > 0 ? Encoding.ASCII.GetString(text.Slice(start, length)) : "";
    }

    /// <summary>Numbers with spaces between; empty where there are none.</summary>
    public static int[] ReadNumbers(string path)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        ReadOnlySpan<byte> text = buffer[..ReadStart(path, buffer)];
        var numbers = new List<int>();
        foreach (Range part in text.SplitAny(" \n"u8))
        {
            if (int.TryParse(text[part], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                numbers.Add(number);
            }
        }

        return [.. numbers];
    }

    public static int CountLines(string path)
    {
        Span<byte> piece = stackalloc byte[MostBytes];
        int lines = 0;
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            long offset = 0;
            for (int count; (count = RandomAccess.Read(file, piece, offset)) > 0; offset += count)
            {
                lines += piece[..count].Count((byte)'\n');
            }
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            // As far as it could be read.
        }

        return lines;
    }

    private static long Read(string path, string field, NumberStyles style)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        return Number(LineOf(buffer[..ReadStart(path, buffer)], field), style);
    }

    /// <summary>What stands behind a field; empty where it is not there.</summary>
    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> text, string field)
    {
        Span<byte> name = stackalloc byte[field.Length];
        Encoding.ASCII.GetBytes(field, name);
        foreach (Range line in text.Split((byte)'\n'))
        {
            if (text[line].StartsWith(name))
            {
                return text[line][name.Length..].TrimStart(" \t"u8);
            }
        }

        return default;
    }

    private static long Number(ReadOnlySpan<byte> text, NumberStyles style)
    {
        if (text.StartsWith("unlimited"u8))
        {
            return long.MaxValue;
        }

        int end = text.IndexOfAny(" \t"u8);
        return long.TryParse(end < 0 ? text : text[..end], style, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }

    private static int ReadStart(string path, Span<byte> buffer)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            int length = 0;
            for (int count; (count = RandomAccess.Read(file, buffer[length..], length)) > 0; length += count)
            {
                // The kernel gives such files in pieces.
            }

            return length;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
