using System.Diagnostics;

namespace MemoryPages.Benchmarks;

/// <summary>
/// The ratio of two costs that are nearly equal. BenchmarkDotNet runs one benchmark after another, and on a machine that others use the speed
/// changes by more than five per cent in between. Here the two take turns of a few milliseconds, so that both meet the same machine, and the median
/// of many ratios passes over the turns that were disturbed.
/// </summary>
internal static class PairedMeasurement
{
    private const int Rounds = 401;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(2);

    public static double Ratio(Action numerator, Action denominator)
    {
        // Both the same number of calls, of the slower one's making.
        int calls = Math.Max(1, Math.Min(CallsInATurn(numerator), CallsInATurn(denominator)));
        var ratios = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            // Who goes first changes, since whoever does finds what the other left in the caches.
            long first;
            long second;
            if (round % 2 == 0)
            {
                first = Time(numerator, calls);
                second = Time(denominator, calls);
            }
            else
            {
                second = Time(denominator, calls);
                first = Time(numerator, calls);
            }

            ratios[round] = (double)first / second;
        }

        Array.Sort(ratios);
        return ratios[Rounds / 2];
    }

    /// <summary>Also the warm-up: long enough for the JIT to have compiled everything twice.</summary>
    private static int CallsInATurn(Action action)
    {
        var watch = Stopwatch.StartNew();
        int calls = 0;
        while (watch.Elapsed < 200 * s_turn)
        {
            action();
            calls++;
        }

        return calls / 200;
    }

    private static long Time(Action action, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetTimestamp() - start;
    }
}
