using System.Globalization;
using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Effects;

/// <summary>What the kernel's files say of nodes, policies and where pages are: read here, so that the library is not its own witness.</summary>
internal static unsafe partial class NumaMachine
{
    private const string Folder = "/sys/devices/system/node";

    public static int[] Nodes => Numbers($"{Folder}/online");

    public static int[] MemoryNodes => Numbers($"{Folder}/has_memory");

    public static int[] ProcessorsOf(int node) => Numbers($"{Folder}/node{node}/cpulist");

    /// <summary>Of <c>/sys/devices/system/node/nodeN/meminfo</c>, in bytes.</summary>
    public static long Memory(int node, string field) => long.Parse(
        File.ReadLines($"{Folder}/node{node}/meminfo").Single(line => line.Contains($" {field}:")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        CultureInfo.InvariantCulture) * 1024;

    public static int[] Distances(int node) =>
        [.. File.ReadAllText($"{Folder}/node{node}/distance").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    public static void SkipUnlessThere() => Assert.SkipUnless(
        File.Exists($"{Folder}/has_memory") && File.Exists("/proc/self/numa_maps"), "This kernel was built without NUMA (CONFIG_NUMA).");

    public static (int First, int Second) Two()
    {
        SkipUnlessThere();
        int[] nodes = MemoryNodes;
        Assert.SkipUnless(nodes.Length > 1, $"This machine has one NUMA node with memory ({Folder}/has_memory): eng/guest/run makes one that has two.");
        return (nodes[0], nodes[1]);
    }

    /// <summary>What <c>/proc/self/numa_maps</c> says of the mapping that begins at an address: its policy, and pages by node.</summary>
    public static (string Policy, Dictionary<int, long> Pages) MapOf(nuint address)
    {
        string start = address.ToString("x8", CultureInfo.InvariantCulture) + " ";
        string[] words = File.ReadLines("/proc/self/numa_maps").Single(line => line.StartsWith(start, StringComparison.Ordinal)).Split(' ');

        // The names of some policies have a space in them.
        string policy = string.Join(' ', words[1..].TakeWhile(word => !word.Contains('=') && word is not ("huge" or "stack" or "heap")));
        return (policy, words.Where(word => word is ['N', >= '0' and <= '9', ..]).Select(word => word[1..].Split('='))
            .ToDictionary(pair => int.Parse(pair[0], CultureInfo.InvariantCulture), pair => long.Parse(pair[1], CultureInfo.InvariantCulture)));
    }

    /// <summary>A list as the kernel writes it: <c>0-1,3</c>.</summary>
    public static string ListOf(IEnumerable<int> nodes)
    {
        int[] all = [.. nodes];
        return all.Length > 1 && all[^1] - all[0] == all.Length - 1 ? $"{all[0]}-{all[^1]}" : string.Join(",", all);
    }

    /// <summary>Runs code on a thread of its own that runs on one processor only.</summary>
    public static void RunOn(int processor, Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() =>
        {
            ulong* set = stackalloc ulong[16];
            new Span<ulong>(set, 16).Clear();
            set[processor / 64] = 1ul << (processor % 64);
            Assert.Equal(0, SetAffinity(0, 128, set));
            action();
        }));
        thread.Start();
        thread.Join();
        if (thrown is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* set);

    private static int[] Numbers(string path) =>
        [.. File.ReadAllText(path).Trim().Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('-').Select(int.Parse).ToArray())
            .SelectMany(bounds => Enumerable.Range(bounds[0], bounds[^1] - bounds[0] + 1))];
}
