using System.Globalization;
using MemoryPages.Tests.Simulation;

namespace MemoryPages.Tests.Failures;

/// <summary>
/// Thousands of random operations beside a model of what each page should hold and allow; the kernel is asked after each. A failure names its seed,
/// which MEMORYPAGES_SEED runs again.
/// </summary>
[OnEverySystem]
public sealed class ModelTests
{
    private const int Steps = 1000;

    public static TheoryData<int> Seeds => Environment.GetEnvironmentVariable("MEMORYPAGES_SEED") is { } seed
        ? [int.Parse(seed, CultureInfo.InvariantCulture)]
        : [1, 2, 3, 4, Environment.TickCount];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_done_the_kernel_says_what_the_model_says(int seed)
    {
        long locked = SimulatedRun.LockedBytes;
        var model = new Model(seed);
        for (int step = 0; step < SimulatedRun.Share(Steps); step++)
        {
            try
            {
                model.Step();
                Assert.Equal(locked + model.LockedBytes, SimulatedRun.LockedBytes);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step}, {model.Doing}: {exception.Message}", exception);
            }
        }

        model.End();
        Assert.Equal(locked, SimulatedRun.LockedBytes);
        Assert.True(SimulatedRun.System is not null || model.Kinds.Count >= 14, $"Only these were tried: {string.Join(", ", model.Kinds)}"); // else the dice are loaded
    }
}
