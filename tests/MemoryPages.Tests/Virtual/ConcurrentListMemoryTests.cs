using System.Reflection;
using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

public sealed class ConcurrentListMemoryTests
{
    private const int Elements = 1_000_000;

    [Fact]
    public void A_million_words_of_one_thread_take_at_most_8_2_bytes_each()
    {
        using var list = new ConcurrentVirtualList<ulong>(new() { NoHugePages = true, MaximumCapacity = 64 << 20 });
        nuint before = Resident(list);
        for (ulong i = 0; i < Elements; i++)
        {
            list.Add(i);
        }

        Assert.Equal((nuint)0, before);
        Assert.InRange(Resident(list) / (double)Elements, 8.0, 8.2);
    }

    /// <summary>What is resident of both reservations: the elements' and their bits'.</summary>
    private static nuint Resident(ConcurrentVirtualList<ulong> list) => new[] { "_memory", "_bitMemory" }
        .Select(name => typeof(ConcurrentVirtualList<ulong>).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(list)!)
        .Select(memory => ((GrowingMemory)memory).Mapping)
        .Select(mapping => (nuint)SystemMap.Present(mapping.Address, mapping.Length).Count(present => present) * PageSize.Base)
        .Aggregate((sum, bytes) => sum + bytes);
}
