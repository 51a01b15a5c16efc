using System.Diagnostics;

namespace MemoryPages.Benchmarks;

/// <summary>
/// The ratio of two costs that are nearly equal. BenchmarkDotNet runs one benchmark after another, and on a machine that others use the speed
/// changes by more than five per cent in between. Here the two take turns of a few milliseconds, so that both meet the same machine.
/// </summary>
internal static class PairedMeasurement
{
    private const int Rounds = 401;
    private const int LongRounds = 7;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(2);

    /// <summary>For work that the system does a part of: the ratio of a typical turn.</summary>
    public static double Ratio(Action numerator, Action denominator)
    {
        double[] ratios = [.. TakeTurns(numerator, denominator).Select(turn => turn.First / turn.Second)];
        Array.Sort(ratios);
        return ratios[ratios.Length / 2];
    }

    /// <summary>
    /// For loops that ask nothing of the system: the ratio of the best turns, in which nobody else used the processor or its caches. That is the
    /// machine code's own speed.
    /// </summary>
    public static double RatioOfBest(Action numerator, Action denominator)
    {
        (double First, double Second)[] turns = TakeTurns(numerator, denominator);
        return turns.Min(turn => turn.First) / turns.Min(turn => turn.Second);
    }

    /// <summary>For work of some tenths of a second a call: few turns, one call each, and the ratio of a typical one.</summary>
    public static double RatioOfLong(Action numerator, Action denominator)
    {
        var ratios = new double[LongRounds];
        for (int round = -1; round < LongRounds; round++)
        {
            // What the one left for the collector is not to be the other's work.
            GC.Collect();
            long first = Time(numerator, 1);
            GC.Collect();
            long second = Time(denominator, 1);
            if (round >= 0)
            {
                ratios[round] = (double)first / second;
            }
        }

        Array.Sort(ratios);
        return ratios[LongRounds / 2];
    }

    /// <summary>For work that needs a new object each time, whose making does not count: both measure themselves. The ratio of a typical turn.</summary>
    public static double RatioOfPrepared(Func<double> numerator, Func<double> denominator)
    {
        const int PreparedRounds = 41;
        var ratios = new List<double>();
        for (int round = -4; round < PreparedRounds; round++)
        {
            bool isNumeratorFirst = round % 2 == 0;
            double first = (isNumeratorFirst ? numerator : denominator)();
            double second = (isNumeratorFirst ? denominator : numerator)();
            if (round >= 0)
            {
                ratios.Add(isNumeratorFirst ? first / second : second / first);
            }
        }

        ratios.Sort();
        return ratios[ratios.Count / 2];
    }

    /// <summary>
    /// For work on the parts of something that each can be done once only until it is made ready again: both do each part, and tell how long it took.
    /// The ratio of a typical part.
    /// </summary>
    public static double RatioOfParts(int parts, Func<int, double> numerator, Func<int, double> denominator)
    {
        const int Passes = 4;
        var ratios = new List<double>();
        for (int turn = 0; turn < Passes * parts; turn++)
        {
            int part = turn % parts;
            bool isNumeratorFirst = (turn + (turn / parts)) % 2 == 0; // another one on each part, and the other one in the next pass
            double first = (isNumeratorFirst ? numerator : denominator)(part);
            double second = (isNumeratorFirst ? denominator : numerator)(part);
            ratios.Add(isNumeratorFirst ? first / second : second / first);
        }

        ratios.Sort();
        return ratios[ratios.Count / 2];
    }

    private static (double First, double Second)[] TakeTurns(Action numerator, Action denominator)
    {
        // Both the same number of calls, of the slower one's making.
        int calls = Math.Max(1, Math.Min(CallsInATurn(numerator), CallsInATurn(denominator)));
        var turns = new (double First, double Second)[Rounds];
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

            turns[round] = (first, second);
        }

        return turns;
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
