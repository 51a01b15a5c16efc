using System.Globalization;
using System.Runtime.InteropServices;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Measuring;

/// <summary>The machine that the tour walks on.</summary>
internal sealed record SystemFact(string Name, string Value)
{
    public static IReadOnlyList<SystemFact> All() =>
    [
        new("system", RuntimeInformation.OSDescription),
        new("processor", string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} logical")),
        new("runtime", RuntimeInformation.FrameworkDescription),
        new("user", Environment.IsPrivilegedProcess ? "root" : "ordinary user"),
        new("page size", Quantity.Bytes(PageSize.Base)),
        new("transparent huge pages", TransparentHugePages()),
        new("explicit huge pages", ExplicitHugePages()),
        new("may lock", LockLimit()),
    ];

    private static string TransparentHugePages()
    {
        string mode = KernelText.FirstLine("/sys/kernel/mm/transparent_hugepage/enabled") ?? "";
        int open = mode.IndexOf('[', StringComparison.Ordinal);
        int close = mode.IndexOf(']', StringComparison.Ordinal);
        return PageSize.TransparentHuge == 0 ? "none"
            : Quantity.Bytes(PageSize.TransparentHuge) + (open >= 0 && close > open ? $", {mode[(open + 1)..close]}" : "");
    }

    private static string ExplicitHugePages()
    {
        var pools = new List<string>();
        foreach (nuint size in PageSize.Huge)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/kernel/mm/hugepages/hugepages-{size / 1024}kB");
            string free = KernelText.FirstLine(folder + "/free_hugepages") ?? "?";
            string total = KernelText.FirstLine(folder + "/nr_hugepages") ?? "?";
            pools.Add($"{Quantity.Bytes(size)}: {free} of {total} free");
        }

        return pools.Count == 0 ? "none" : string.Join(", ", pools);
    }

    private static string LockLimit()
    {
        string? soft = KernelText.Field("/proc/self/limits", "Max locked memory");
        string limit = long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? Quantity.Bytes(bytes) : soft ?? "unknown";
        return limit + (Environment.IsPrivilegedProcess ? " (root may lock more)" : "");
    }
}
