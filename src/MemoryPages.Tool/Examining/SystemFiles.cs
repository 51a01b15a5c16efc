using System.Globalization;

namespace MemoryPages.Tool.Examining;

/// <summary>The files in which a system tells about itself, /proc and /sys above all. A sandbox may hide any of them.</summary>
/// <param name="root">Where the system's root is: another folder holds what another machine said.</param>
internal sealed class SystemFiles(string root = "/")
{
    /// <summary>The system that this program runs on.</summary>
    public static SystemFiles Own { get; } = new();

    /// <summary>Whether this is the running system, which can be probed, and not a record of another one.</summary>
    public bool IsOwn => root == "/";

    public bool Exists(string path) => Path.Exists(Of(path));

    /// <summary>The whole text without its last line end, or null and why.</summary>
    public string? Read(string path, out string problem)
    {
        problem = "";
        try
        {
            return File.ReadAllText(Of(path)).TrimEnd('\n');
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            problem = $"not readable: {path} " + missing switch
            {
                FileNotFoundException or DirectoryNotFoundException => "is not there",
                UnauthorizedAccessException => "is not for this user",
                _ => $"({missing.Message})",
            };
            return null;
        }
    }

    public string? Read(string path) => Read(path, out _);

    public string[] Lines(string path) => Read(path)?.Split('\n') ?? [];

    public string? FirstLine(string path) => Lines(path).FirstOrDefault();

    public long? Number(string path) => ToNumber(FirstLine(path));

    /// <summary>The first word behind a name that begins a line.</summary>
    public string? Field(string path, string name) => Lines(path)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => line[name.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault())
        .FirstOrDefault();

    /// <summary>The bytes behind a name, which the file gives in kB.</summary>
    public long? Kilobytes(string path, string name) => ToNumber(Field(path, name)) * 1024;

    /// <summary>Of a file that lists its choices, the one in brackets: <c>always [madvise] never</c>.</summary>
    public string? Choice(string path, out string problem)
    {
        string? text = Read(path, out problem);
        int open = text?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        int close = text?.IndexOf(']', StringComparison.Ordinal) ?? -1;
        return open >= 0 && close > open ? text![(open + 1)..close] : text;
    }

    public string? Choice(string path) => Choice(path, out _);

    /// <summary>Names in a folder that match a pattern, in the order of the numbers in them; none where it cannot be read.</summary>
    public IReadOnlyList<string> Names(string folder, string pattern = "*")
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Of(folder), pattern).Select(static path => Path.GetFileName(path)!)
                .OrderBy(static name => NumberIn(name)).ThenBy(static name => name, StringComparer.Ordinal)];
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The number in a name: 2048 of <c>hugepages-2048kB</c>.</summary>
    public static long NumberIn(string name) => ToNumber(string.Concat(name.Where(char.IsAsciiDigit))) ?? 0;

    /// <summary>Null for what is not a number or too large for one, such as <c>unlimited</c> or <c>max</c>.</summary>
    public static long? ToNumber(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>Where a file is for this program.</summary>
    public string Of(string path) => IsOwn ? path : root + path;
}
