using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace MemoryPages.Benchmarks;

/// <summary>One benchmark's result. Times are medians: a mean of short iterations is mostly a measure of the machine's other work.</summary>
internal sealed record BenchmarkResult(double Nanoseconds, double Deviation, long AllocatedBytes)
{
    /// <summary>Null where the benchmark failed.</summary>
    public static BenchmarkResult? Of(BenchmarkReport report) => report.ResultStatistics is not { } times
        ? null
        : new(times.Median, times.StandardDeviation, report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
}

/// <summary>All results of a run, by name: <c>Allocation.PagesAllocate(Size: 50 MB)</c>.</summary>
internal sealed class BenchmarkResults
{
    private readonly Dictionary<string, BenchmarkResult> _results = [];

    public BenchmarkResults(IEnumerable<Summary> summaries)
    {
        foreach (BenchmarkReport report in summaries.SelectMany(summary => summary.Reports))
        {
            string name = NameOf(report.BenchmarkCase);
            if (BenchmarkResult.Of(report) is { } result)
            {
                _results[name] = result;
            }
            else
            {
                Failed.Add(name);
            }
        }
    }

    public List<string> Failed { get; } = [];

    public int Count => _results.Count + Failed.Count;

    public BenchmarkResult? Find(string name) => _results.GetValueOrDefault(name);

    public static string NameOf(BenchmarkCase benchmark)
    {
        string parameters = string.Join(", ", benchmark.Parameters.Items.Select(item => $"{item.Name}: {item.Value}"));
        string method = $"{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}";
        return parameters.Length == 0 ? method : $"{method}({parameters})";
    }
}
