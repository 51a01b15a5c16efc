using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MemoryPages;
using MemoryPages.Samples.ColumnExpressions;

const string Default = "a * b * (1 - c) + d / 2";
const int Rows = 10_000_003; // not a multiple of four: the last rows go one by one
if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !Avx.IsSupported)
{
    Console.WriteLine("This sample writes AVX instructions for Linux on x86-64, which this is not.");
    return 0;
}

string text = args.Length == 0 ? Default : string.Join(' ', args);
Expression expression = Expression.Parse(text);
double[][] columns = [.. Enumerable.Range(0, Expression.MostColumns).Select(FilledColumn)];

using var heap = new CodeHeap(new() { PerfMap = true, Name = "expressions" });
long start = Stopwatch.GetTimestamp();
using CodeBlock function = MachineCompiler.Compile(expression, heap);
double spent = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
Console.WriteLine($"{text}: {function.Length} bytes of code at 0x{function.Address:x} in {spent:0.0} ms, {heap.Mode}");

start = Stopwatch.GetTimestamp();
Action<double[][], double[]> linq = Rivals.Compile(expression);
Console.WriteLine($"System.Linq.Expressions: compiled in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");

List<(string Name, Action<double[]> Run)> ways =
[
    ("CodeHeap, AVX", results => MachineCompiler.Run(function, columns, results)),
    ("System.Linq.Expressions, compiled", results => linq(columns, results)),
    ("interpreter", results => Rivals.Interpret(expression, columns, results)),
];
if (text == Default)
{
    ways.Insert(1, ("the loop in C#", results => Loop(columns, results)));
}

// In turns, so that all meet the same machine; the best of each counts.
const int Turns = 5;
double[][] outcomes = [.. ways.Select(_ => GC.AllocateArray<double>(Rows, pinned: true))];
double[] best = [.. ways.Select(_ => double.MaxValue)];
for (int turn = 0; turn < Turns; turn++)
{
    for (int way = 0; way < ways.Count; way++)
    {
        start = Stopwatch.GetTimestamp();
        ways[way].Run(outcomes[way]);
        best[way] = Math.Min(best[way], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}

bool isEqual = true;
for (int way = 0; way < ways.Count; way++)
{
    bool same = MemoryMarshal.AsBytes(outcomes[way].AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(outcomes[0].AsSpan()));
    isEqual &= same;
    Console.WriteLine($"{ways[way].Name,-36}{best[way],9:0.0} ms{best[way] / best[0],8:0.00} x{(same ? "" : "   DIFFERENT RESULTS")}");
}

return isEqual ? 0 : 1;

static double[] FilledColumn(int index)
{
    double[] column = GC.AllocateArray<double>(Rows, pinned: true);
    for (int row = 0; row < column.Length; row++)
    {
        column[row] = 1 + ((row * (index + 3L) % 1009) / 128.0);
    }

    return column;
}

[MethodImpl(MethodImplOptions.AggressiveOptimization)] // the JIT's best from the first turn on
static void Loop(double[][] columns, double[] results)
{
    (double[] a, double[] b, double[] c, double[] d) = (columns[0], columns[1], columns[2], columns[3]);
    for (int row = 0; row < results.Length; row++)
    {
        results[row] = (a[row] * b[row] * (1 - c[row])) + (d[row] / 2);
    }
}
