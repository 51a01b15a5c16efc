using System.Globalization;

namespace MemoryPages.Tests;

/// <summary>Huge pages of the default size in the system's pool, put there for a test and taken out again. Not the library's own: that is tested by it.</summary>
internal sealed class HugePagePool : IDisposable
{
    private readonly long _added;

    public HugePagePool(int pages)
    {
        Assert.SkipUnless(Size != 0 && Directory.Exists(Folder(Size)), "This kernel has no pool of huge pages.");
        Assert.SkipUnless(Kernel.IsRoot, $"Only root may fill the pool of huge pages ({Folder(Size)}/nr_hugepages).");
        long before = Counter("nr_hugepages");
        try
        {
            Set(before + pages);
        }
        catch (IOException refused)
        {
            Assert.Skip("The pool of huge pages cannot be filled here: " + refused.Message);
        }

        _added = Counter("nr_hugepages") - before;
        if (_added < pages)
        {
            Dispose();
            Assert.Skip($"The system has no room for {pages} huge pages of {Size} bytes.");
        }
    }

    public static nuint Size { get; } = (nuint)SystemMap.Machine("Hugepagesize");

    public static long Free => Counter("free_hugepages");

    public static string Folder(nuint size) => $"/sys/kernel/mm/hugepages/hugepages-{size / 1024}kB";

    public static long Counter(string name) => long.Parse(File.ReadAllText($"{Folder(Size)}/{name}"), CultureInfo.InvariantCulture);

    public void Dispose() => Set(Counter("nr_hugepages") - _added);

    private static void Set(long pages) => File.WriteAllText($"{Folder(Size)}/nr_hugepages", pages.ToString(CultureInfo.InvariantCulture));
}
