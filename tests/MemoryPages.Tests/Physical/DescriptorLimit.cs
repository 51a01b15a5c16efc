using System.Globalization;
using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Physical;

/// <summary>Runs code of a process that may open so many files more and no others.</summary>
internal static unsafe partial class DescriptorLimit
{
    private const int Files = 7; // RLIMIT_NOFILE

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, Kernel.Limit* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int descriptor);

    public static void Run(int more, Action action)
    {
        Kernel.Limit before;
        Assert.Equal(0, getrlimit(Files, &before));
        nuint end = 1 + Directory.GetFiles("/proc/self/fd").Select(Path.GetFileName).Max(name => nuint.Parse(name!, CultureInfo.InvariantCulture));
        var fillers = new List<int>();
        var limited = new Kernel.Limit(end + (nuint)more, before.Hard);
        try
        {
            // Numbers below the highest are free too: those are used up first, and then so many given back.
            Assert.Equal(0, Kernel.SetLimit(Files, &limited));
            for (int filler = dup(0); filler >= 0; filler = dup(0))
            {
                fillers.Add(filler);
            }

            fillers.TakeLast(more).ToList().ForEach(filler => Kernel.Close(filler));
            fillers.RemoveRange(fillers.Count - more, more);
            action();
        }
        finally
        {
            fillers.ForEach(filler => Kernel.Close(filler));
            Assert.Equal(0, Kernel.SetLimit(Files, &before));
        }
    }
}
