using System.Diagnostics;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class MapFileStep : TourStep
{
    private const nuint MostAtOnce = 1 << 20;
    private const double EnoughBytes = 8 << 20;
    private const double MostRepetitions = 10_000;
    private const int MostTimes = 100;
    private const double MostMilliseconds = 600;

    public override string Name => "map-file";

    public override string Title => "Map a file and count its lines";

    public override string Lesson => "A file is pages too: nothing is read until it is touched, and nothing is copied.";

    public override void Run(StepRecorder record)
    {
        string path = record.File;
        using Pages<ReadOnly> file = Pages.Map(path);                   //> mmap(PROT_READ, MAP_SHARED) … munmap
        Snapshot mapped = record.Look("mapped", file);

        using ReadView view = file.Read();                              //>
        (long lines, double first) = Count(view);
        Snapshot counted = record.Look("counted", file);
        double again = Again(view);

        long length = (long)file.Length;
        record.Measure("first pass, page by page", length / first * 1000, Unit.BytesPerSecond, "speed");
        record.Measure("once more, all pages there", length / again * 1000, Unit.BytesPerSecond, "speed");
        long before = mapped.Regions.Sum(static region => region.Resident);
        long after = counted.Regions.Sum(static region => region.Resident);
        record.Measure("before", before, Unit.Bytes, "of the file in this process");
        record.Measure("after", after, Unit.Bytes, "of the file in this process");
        record.Measure("length", length, Unit.Bytes);
        record.Measure("lines", lines, Unit.Lines);
        record.Measure("first pass", first, Unit.Milliseconds);
        record.Claim("the pages are as long as the file", length == new FileInfo(path).Length);
        record.Claim("nothing of it was here before the count", before == 0);
        record.Claim("the count brought it here", after > 0); // all of it, unless it is larger than memory
        record.Conclude($"{Quantity.Of(lines, Unit.Lines)}, {Quantity.Of(length / again * 1000, Unit.BytesPerSecond)}");
    }

    private static (long Lines, double Milliseconds) Count(in ReadView view)
    {
        long start = Stopwatch.GetTimestamp();
        long lines = 0;                                                 //>
        for (nuint at = 0; at < view.Length; at += MostAtOnce)          //>
        {                                                               //>
            int length = (int)Math.Min(MostAtOnce, view.Length - at);   //>
            lines += view.Slice(at, length).Count((byte)'\n');          //>
        }                                                               //>

        return (lines, MillisecondsSince(start));
    }

    /// <summary>
    /// Again and again for a moment: the runtime compiles the loop for this very processor meanwhile. The median of the later half. A small file is
    /// counted many times for each of them, since a clock cannot tell the time of one.
    /// </summary>
    private static double Again(in ReadView view)
    {
        int repetitions = (int)Math.Clamp(EnoughBytes / view.Length, 1, MostRepetitions);
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++)
            {
                _ = Count(view);
            }

            times.Add(MillisecondsSince(begin) / repetitions);
        }
        while (times.Count < MostTimes && MillisecondsSince(start) < MostMilliseconds);

        double[] later = [.. times.Skip(times.Count / 2).Order()];
        return later[later.Length / 2];
    }

    /// <summary>Never nothing: speeds are divided by it.</summary>
    private static double MillisecondsSince(long start) => Math.Max(StepRecorder.MillisecondsSince(start), 1000.0 / Stopwatch.Frequency);
}
