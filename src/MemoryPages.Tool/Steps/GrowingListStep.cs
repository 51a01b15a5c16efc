using System.Runtime.CompilerServices;
using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class GrowingListStep : TourStep
{
    private const int Elements = 16 << 20;
    private const int Parts = 8;

    public override string Name => "growing-list";

    public override string Title => "A list that grows in place";

    public override string Lesson => "Addresses are reserved once, memory is committed as it is needed: nothing is copied, nothing moves.";

    public override void Run(StepRecorder record)
    {
        // Each on its own: what the other left to the collector must not count.
        record.Aside(Collect);
        long before = record.Aside(ResidentBytes);
        (long[] oursByPart, bool stayed, double sum) = GrowInPlace(record, before);
        long afterOurs = record.Aside(ResidentBytes) - before;

        record.Aside(Collect);
        before = record.Aside(ResidentBytes);
        (long[] frameworkByPart, double frameworkSum) = GrowByCopying(record, before);
        (long ours, long framework) = (oursByPart.Max(), frameworkByPart.Max());

        const long Data = (long)Elements * sizeof(double);
        for (int part = 0; part < Parts; part++)
        {
            string data = Quantity.Bytes(Data / Parts * (part + 1));
            record.Measure($"{data} in VirtualList", oursByPart[part], Unit.Bytes, "memory at the most on the way there, VmRSS");
            record.Measure($"{data} in List", frameworkByPart[part], Unit.Bytes, "memory at the most on the way there, VmRSS");
        }

        record.Measure("the data", Data, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("VirtualList<double>", ours, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("List<double>", framework, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("VirtualList after Dispose", afterOurs, Unit.Bytes);
        record.Claim("both hold the same", sum.Equals(frameworkSum));
        record.Claim("the first element never moved: a reference to it is still right", stayed);
        record.Claim("the list held its data and hardly more", ours < Data + (Data / 8));
        record.Conclude($"{Quantity.Bytes(ours)} for {Quantity.Bytes(Data)} of data; List<double> {Quantity.Bytes(framework)}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long[] Peaks, bool Stayed, double Sum) GrowInPlace(StepRecorder record, long before)
    {
        var peaks = new long[Parts];
        using var list = new VirtualList<double>();                     //> mmap(PROT_NONE); madvise(MADV_HUGEPAGE) … mmap(MAP_FIXED, PROT_NONE)
        list.Add(0);                                                    //> mprotect(PROT_READ|PROT_WRITE)
        ref double first = ref list[0];                                 //>
        for (int i = 1; i < Elements; i++)                              //>
        {
            list.Add(i);                                                //> mprotect(PROT_READ|PROT_WRITE) — each time the capacity doubles
            Note(record, peaks, i, before, isDue: false);
        }

        first = 1;                                                      //>
        return (peaks, list[0].Equals(1.0), Sum(list) - 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long[] Peaks, double Sum) GrowByCopying(StepRecorder record, long before)
    {
        var peaks = new long[Parts];
        var list = new List<double>();
        double sum = 0;
        for (int i = 0; i < Elements; i++)
        {
            bool grows = list.Count == list.Capacity;
            list.Add(i);
            sum += i;
            Note(record, peaks, i, before, isDue: grows);
        }

        return (peaks, sum);
    }

    /// <summary>Looks after every so many elements, and when a list has just grown.</summary>
    private static void Note(StepRecorder record, long[] peaks, int index, long before, bool isDue)
    {
        const int Often = 1 << 18;
        if (isDue || index % Often == Often - 1)
        {
            ref long peak = ref peaks[index / (Elements / Parts)];
            peak = Math.Max(peak, record.Aside(ResidentBytes) - before);
        }
    }

    private static double Sum(VirtualList<double> list)
    {
        double sum = 0;
        using ReadView view = list.Read();
        foreach (double value in view.Elements<double>())
        {
            sum += value;
        }

        return sum;
    }

    private static bool Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return true;
    }

    private static long ResidentBytes() =>
        SystemFiles.Own.Kilobytes("/proc/self/status", "VmRSS:") ?? 0;
}
