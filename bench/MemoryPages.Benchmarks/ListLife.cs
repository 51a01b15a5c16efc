using System.Diagnostics;
using System.Globalization;

namespace MemoryPages.Benchmarks;

/// <summary>
/// A list's life in a process of its own: time, and the memory that it needs at the most. In one that has filled large lists before, the collector
/// still holds the pages that it needed for them: there a list of the framework meets memory that is warm, and ours pays for fresh one.
/// </summary>
internal sealed record ListLife(double Nanoseconds, double PeakBytes)
{
    /// <summary>The argument that makes this program the process that is measured.</summary>
    public const string Argument = "--life";

    private const int Rounds = 5;

    /// <summary>The median of some pairs of processes.</summary>
    public static double TimeRatio(string rival)
    {
        var ratios = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            ratios[round] = Measure(nameof(ListGrowing.VirtualList)).Nanoseconds / Measure(rival).Nanoseconds;
        }

        Array.Sort(ratios);
        return ratios[Rounds / 2];
    }

    /// <summary>The kernel's high-water mark (VmHWM), less what the process held before, divided by the data.</summary>
    public static double PeakRatio() => Measure(nameof(ListGrowing.VirtualList)).PeakBytes / ((double)ListGrowing.Many * sizeof(double));

    /// <summary>In the process that is measured: prints nanoseconds and bytes.</summary>
    public static void Run(string list)
    {
        // So long that the JIT has compiled the loop twice. With its own thread this takes longer than the calls.
        var few = new ListGrowing { Count = 10_000 };
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 500;)
        {
            Live(few, list);
        }

        TouchMachine();

        // The mark falls to what is held now (proc(5), clear_refs): the start of the runtime is not the list's.
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Status("VmRSS");
        long start = Stopwatch.GetTimestamp();
        double last = Live(new ListGrowing(), list);
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        Trace.Assert(last.Equals(ListGrowing.Many - 1.0));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nanoseconds} {Status("VmHWM") - before}"));
    }

    /// <summary>
    /// The host of a virtual machine gives memory at its first touch, which made huge pages up to fourteen times as slow, whoever asked for them.
    /// That is neither list's doing: all find memory that the host has given.
    /// </summary>
    private static void TouchMachine()
    {
        using Pages<ReadWrite> pages = Pages.Allocate((nuint)2 << 30, new AllocationOptions { HugePages = HugePages.Transparent });
        pages.Prefault();
    }

    private static double Live(ListGrowing growing, string list) => list switch
    {
        nameof(ListGrowing.FrameworkList) => growing.FrameworkList(),
        nameof(ListGrowing.FrameworkListPresized) => growing.FrameworkListPresized(),
        nameof(ListGrowing.VirtualList) => growing.VirtualList(),
        nameof(ListGrowing.VirtualListOnSmallPages) => growing.VirtualListOnSmallPages(),
        _ => growing.RawMmap(),
    };

    private static ListLife Measure(string list)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] arguments = isHost ? [typeof(ListLife).Assembly.Location, Argument, list] : [Argument, list];
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string[] output = process.StandardOutput.ReadToEnd().Trim().Split(' ');
        process.WaitForExit();
        return new ListLife(double.Parse(output[0], CultureInfo.InvariantCulture), double.Parse(output[1], CultureInfo.InvariantCulture));
    }

    private static long Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line[(field.Length + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }
}
