using System.Globalization;

namespace MemoryPages.Platform.Linux;

/// <summary>What /proc/self/mountinfo says of the file system that a mapping's file is on (proc(5)).</summary>
internal static class LinuxMountOptions
{
    /// <summary>The value of <c>huge=</c> of a tmpfs, <c>never</c> where it has none; null where the device is no tmpfs.</summary>
    /// <param name="device">As /proc/self/maps has it: <c>00:1b</c>, hexadecimal.</param>
    public static string? HugeOptionOfTmpfs(string device)
    {
        string[] numbers = device.Split(':');
        string wished = string.Join(':', numbers.Select(static number => int.Parse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
        try
        {
            foreach (string line in File.ReadLines("/proc/self/mountinfo"))
            {
                string[] words = line.Split(' ');
                int dash = Array.IndexOf(words, "-");
                if (words.Length > 2 && words[2] == wished && dash > 0 && dash + 3 < words.Length && words[dash + 1] is "tmpfs" or "devtmpfs")
                {
                    const string Option = "huge=";
                    string? set = words[dash + 3].Split(',').FirstOrDefault(static option => option.StartsWith(Option, StringComparison.Ordinal));
                    return set is null ? "never" : set[Option.Length..];
                }
            }
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            // As if it were none.
        }

        return null;
    }
}
