using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Tests.Simulation;
using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>
/// Any sequence of operations, against the framework's list and a reckoning of the memory: content, capacity, resident pages, commit charge.
/// </summary>
[OnEverySystem]
public sealed class VirtualListModelTests
{
    private static readonly int s_runs = SimulatedRun.Share(100);
    private const int Operations = 1000;

    /// <summary>100,000 operations. What fails is shown as short as FsCheck can make it.</summary>
    [Fact]
    public void A_list_is_the_frameworks_list_and_its_memory_is_what_it_needs()
    {
        int done = 0;
        Gen<Operation> operation = Gen.Choose(0, int.MaxValue).Four().Select(n => new Operation(n.Item1 % Operation.Kinds, n.Item2, n.Item3, n.Item4));
        Prop.ForAll(
            Arb.From(operation.ArrayOf(Operations), Shorter),
            operations =>
            {
                using var model = new VirtualListModel();
                foreach (Operation operation in operations)
                {
                    model.Do(operation);
                    done++;
                }

                model.AssertSame();
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(s_runs));
        Assert.Equal(s_runs * Operations, done);
    }

    /// <summary>The model is no echo of the list: each of these would be seen.</summary>
    [Fact]
    public void A_list_with_other_memory_or_content_is_found_out()
    {
        AssertFoundOut(list => list.Add(default));
        AssertFoundOut(list => list[0] = default);
        AssertFoundOut(list => list.EnsureCapacity(VirtualListModel.Most)); // charged and not reckoned
        if (SimulatedRun.GivesBackAtOnce)
        {
            AssertFoundOut(list => ((IBufferWriter<TwentyFour>)list).GetSpan(500)[^1] = default); // resident and not reckoned
        }
    }

    private static void AssertFoundOut(Action<VirtualList<TwentyFour>> change)
    {
        using var model = new VirtualListModel();
        model.Do(new Operation(Operation.Fill, 0, 0, 5));
        model.Do(new Operation(Operation.EnsureCapacity, 0, 0, 5000));
        model.AssertSame();
        change(model.List);
        Assert.ThrowsAny<Exception>(model.AssertSame);
    }

    /// <summary>Halves, then all but an eighth.</summary>
    private static IEnumerable<Operation[]> Shorter(Operation[] operations)
    {
        int part = Math.Max(1, operations.Length / 8);
        if (operations.Length > 1)
        {
            yield return operations[..(operations.Length / 2)];
            yield return operations[(operations.Length / 2)..];
        }

        for (int start = 0; start < operations.Length; start += part)
        {
            yield return [.. operations[..start], .. operations[Math.Min(start + part, operations.Length)..]];
        }
    }
}
