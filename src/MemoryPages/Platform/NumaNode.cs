using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>A NUMA node: memory, and the processors that are near to it. What is asked of it is asked of the system each time.</summary>
/// <remarks>
/// A machine whose system knows of no nodes is one, with the number 0. Verbs take a node by its number. Linux: <c>/sys/devices/system/node</c>
/// (numa(7)).
/// </remarks>
public readonly record struct NumaNode
{
    /// <summary>A node by its number.</summary>
    /// <param name="number">One of <see cref="All"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">This machine has no such node.</exception>
    public NumaNode(int number)
    {
        int[] online = MemorySystem.Current.NumaNodes();
        if (!online.Contains(number))
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"This machine has no NUMA node {number}: it has {string.Join(", ", online)}.");
        }

        Number = number;
    }

    /// <summary>The nodes that are online, in order: also such without memory, or without processors.</summary>
    public static IReadOnlyList<NumaNode> All => Array.ConvertAll(MemorySystem.Current.NumaNodes(), static number => new NumaNode { Number = number });

    /// <summary>As the system counts them: from 0, perhaps with gaps.</summary>
    public int Number { get; private init; }

    /// <summary>Whether it has memory of its own.</summary>
    public bool HasMemory => MemorySystem.Current.NumaMemoryNodes().Contains(Number);

    /// <summary>Bytes of memory that the system manages there.</summary>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    public nuint TotalMemory => Facts(nameof(TotalMemory)).TotalMemory;

    /// <summary>Bytes of it that nothing is in: what caches hold, and could give up, is not among them.</summary>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    public nuint FreeMemory => Facts(nameof(FreeMemory)).FreeMemory;

    /// <summary>The numbers of its processors, in order; empty where it has only memory.</summary>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    public IReadOnlyList<int> Processors => Facts(nameof(Processors)).Processors;

    /// <summary>
    /// The node of the processor that the calling thread is running on: it may run elsewhere in the next moment, unless it is bound.
    /// </summary>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    /// <remarks>Linux: getcpu(2).</remarks>
    public static NumaNode OfThread()
    {
        SystemError error = MemorySystem.Current.QueryRunningNode(out int number);
        return error.Failed ? throw Refused(error, nameof(OfThread)) : new NumaNode { Number = number };
    }

    /// <summary>
    /// How far another node's memory is from this one's processors, relative: 10 to itself, and 20 where it takes twice the time, as far as the
    /// firmware knows (ACPI's SLIT).
    /// </summary>
    /// <param name="other">The node that has the memory.</param>
    /// <exception cref="MemoryPagesException">The system does not tell.</exception>
    public int DistanceTo(NumaNode other)
    {
        SystemError error = MemorySystem.Current.QueryNumaDistance(Number, other.Number, out int distance);
        return error.Failed ? throw Refused(error, nameof(DistanceTo)) : distance;
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such node, or it has no memory.</exception>
    internal static void ThrowUnlessWithMemory(int number, string parameter)
    {
        if (Obstacle(number) is { } obstacle)
        {
            throw new ArgumentOutOfRangeException(parameter, number, obstacle);
        }
    }

    /// <summary>Why a node can give no memory; null where it can.</summary>
    internal static string? Obstacle(int number)
    {
        int[] nodes = MemorySystem.Current.NumaMemoryNodes();
        return nodes.Contains(number) ? null : $"This machine has no NUMA node {number} with memory: it has {string.Join(", ", nodes)}.";
    }

    private static MemoryPagesException Refused(SystemError error, string operation) => new(error, new FailedOperation(operation, null, 0, 0, 0));

    private NumaNodeFacts Facts(string operation)
    {
        SystemError error = MemorySystem.Current.QueryNumaNode(Number, out NumaNodeFacts facts);
        return error.Failed ? throw Refused(error, operation) : facts;
    }
}
