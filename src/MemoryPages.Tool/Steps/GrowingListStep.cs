using System.Globalization;
using System.Runtime.CompilerServices;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class GrowingListStep : TourStep
{
    private const int Elements = 16 << 20;

    public override string Name => "growing-list";

    public override string Title => "A list that grows in place";

    public override string Lesson => "Addresses are reserved once, memory is committed as it is needed: nothing is copied, nothing moves.";

    public override void Run(StepRecorder record)
    {
        // Each on its own: what the other left to the collector must not count.
        record.Aside(Collect);
        long before = record.Aside(ResidentBytes);
        (long ours, bool stayed, double sum) = GrowInPlace(record);
        long afterOurs = record.Aside(ResidentBytes) - before;

        record.Aside(Collect);
        before = record.Aside(ResidentBytes);
        (long framework, double frameworkSum) = GrowByCopying(record);

        const long Data = (long)Elements * sizeof(double);
        record.Measure("the data", Data, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("VirtualList<double>", ours, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("List<double>", framework - before, Unit.Bytes, "memory at the most while adding, VmRSS");
        record.Measure("VirtualList after Dispose", afterOurs, Unit.Bytes);
        record.Claim("both hold the same", sum.Equals(frameworkSum));
        record.Claim("the first element never moved: a reference to it is still right", stayed);
        record.Claim("the list held its data and hardly more", ours < Data + (Data / 8));
        record.Conclude($"{Quantity.Bytes(ours)} for {Quantity.Bytes(Data)} of data; List<double> {Quantity.Bytes(framework - before)}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Peak, bool Stayed, double Sum) GrowInPlace(StepRecorder record)
    {
        long start = record.Aside(ResidentBytes);
        long peak = 0;
        using var list = new VirtualList<double>();                     //> mmap(PROT_NONE); madvise(MADV_HUGEPAGE) … mmap(MAP_FIXED, PROT_NONE)
        list.Add(0);                                                    //> mprotect(PROT_READ|PROT_WRITE)
        ref double first = ref list[0];                                 //>
        for (int i = 1; i < Elements; i++)                              //>
        {
            list.Add(i);                                                //> mprotect(PROT_READ|PROT_WRITE) — each time the capacity doubles
            if ((i & ((1 << 20) - 1)) == 0)
            {
                peak = Math.Max(peak, record.Aside(ResidentBytes) - start);
            }
        }

        peak = Math.Max(peak, record.Aside(ResidentBytes) - start);
        first = 1;                                                      //>
        return (peak, list[0].Equals(1.0), Sum(list) - 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Peak, double Sum) GrowByCopying(StepRecorder record)
    {
        long peak = 0;
        var list = new List<double>();
        double sum = 0;
        for (int i = 0; i < Elements; i++)
        {
            bool grows = list.Count == list.Capacity;
            list.Add(i);
            sum += i;
            if (grows || (i & ((1 << 20) - 1)) == 0)
            {
                peak = Math.Max(peak, record.Aside(ResidentBytes));
            }
        }

        return (peak, sum);
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
        long.TryParse(KernelText.Field("/proc/self/status", "VmRSS:"), NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes * 1024 : 0;
}
