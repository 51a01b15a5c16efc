namespace MemoryPages.Tool.Measuring;

/// <summary>The kernel's own files, /proc and /sys; null where a sandbox hides one.</summary>
internal static class KernelText
{
    public static string? FirstLine(string path) => Lines(path).FirstOrDefault();

    /// <summary>The first word behind a name that begins a line.</summary>
    public static string? Field(string path, string name) => Lines(path)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => line[name.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault())
        .FirstOrDefault();

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
