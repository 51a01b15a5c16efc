using MemoryPages.Ownership;

namespace MemoryPages.Analyzers.Tests.Fuzz;

/// <summary>What generated programs call: decides their conditions, and sees where they get to. The library itself says what is misuse.</summary>
public static class Oracle
{
    private const int MostDecisions = 40;

    private static readonly List<IDisposable> s_owned = [];
    private static readonly HashSet<int> s_passed = [];
    private static List<bool> s_decisions = [];
    private static int s_decided;

    /// <summary>Thrown and caught by generated programs.</summary>
    public sealed class Stop : Exception;

    /// <summary>Statements that some run came through.</summary>
    public static IReadOnlySet<int> Passed => s_passed;

    /// <summary>Runs the program along every way, up to a number of them.</summary>
    /// <returns>How many ways there were, how many of them threw <see cref="ObjectDisposedException"/>, and whether these were all.</returns>
    public static (int Ways, int Threw, bool AreAll) Run(Action program, int most)
    {
        s_passed.Clear();
        s_decisions = [];
        int ways = 0, threw = 0;
        while (true)
        {
            s_decided = 0;
            ways++;
            try
            {
                program();
            }
            catch (ObjectDisposedException)
            {
                threw++;
            }
            catch (Stop)
            {
            }

            s_owned.ForEach(owned => owned.Dispose());
            s_owned.Clear();

            // The next way: the last decision that was "no" becomes "yes".
            s_decisions.RemoveRange(s_decided, s_decisions.Count - s_decided);
            while (s_decisions.Count != 0 && s_decisions[^1])
            {
                s_decisions.RemoveAt(s_decisions.Count - 1);
            }

            if (s_decisions.Count == 0 || ways == most)
            {
                return (ways, threw, s_decisions.Count == 0);
            }

            s_decisions[^1] = true;
        }
    }

    public static bool Decide()
    {
        if (s_decided == s_decisions.Count)
        {
            s_decisions.Add(false);
        }

        return s_decisions[s_decided++] && s_decided <= MostDecisions;
    }

    public static Pages<ReadWrite> Own(Pages<ReadWrite> pages)
    {
        s_owned.Add(pages);
        return pages;
    }

    public static void Take([Consumes] Pages<ReadWrite> pages)
    {
        _ = pages.Length;
        pages.Dispose();
    }

    public static bool TryTake([Consumes(WhenTrue = true)] Pages<ReadWrite> pages)
    {
        _ = pages.Length;
        bool isTaken = Decide();
        if (isTaken)
        {
            pages.Dispose();
        }

        return isTaken;
    }

    public static void Enter(int statement) => ArgumentOutOfRangeException.ThrowIfNegative(statement);

    public static void Leave(int statement) => s_passed.Add(statement);
}
