using System.Reflection;
using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

public sealed class ConcurrentListMemoryTests
{
    private const int Elements = 10_000_000;

    [Fact]
    public void Ten_million_words_of_one_thread_take_at_most_8_2_bytes_each()
    {
        using var list = new ConcurrentVirtualList<ulong>(new() { MaximumCapacity = 64 << 20 });
        Assert.Equal((nuint)0, Resident(list));
        Append(list);
        Assert.InRange(Resident(list) / (double)Elements, 8.0, 8.2);
    }

    /// <summary>The first slot is not published until all others are: each of them takes a bit.</summary>
    [Fact]
    public void Ten_million_words_all_published_out_of_order_take_at_most_8_2_bytes_each()
    {
        using var list = new ConcurrentVirtualList<ulong>(new() { MaximumCapacity = 64 << 20, NoHugePages = true });
        list.Add(_ =>
        {
            Append(list);
            return 1;
        });
        Assert.InRange(Resident(list) / (double)Elements, 8.12, 8.2);
        Assert.True(list.IsPublished(0) && list.IsPublished(Elements));
    }

    private static void Append(ConcurrentVirtualList<ulong> list)
    {
        for (ulong i = 0; i < Elements; i++)
        {
            list.Add(i);
        }
    }

    /// <summary>What is resident of both reservations: the elements' and their bits'.</summary>
    private static nuint Resident(ConcurrentVirtualList<ulong> list)
    {
        object slots = Field(list, "_slots");
        return new[] { "_memory", "_bitMemory" }
            .Select(name => ((GrowingMemory)Field(slots, name)).Mapping)
            .Select(mapping => (nuint)SystemMap.Present(mapping.Address, mapping.Length).Count(present => present) * PageSize.Base)
            .Aggregate((sum, bytes) => sum + bytes);
    }

    private static object Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;
}
