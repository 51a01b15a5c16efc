using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>Chance against the framework's list: whatever is done, both hold the same.</summary>
public sealed class VirtualListModelTests
{
    private const int Steps = 100_000;
    private const int Most = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(20_26)]
    public void A_list_is_the_frameworks_list(int seed)
    {
        var noise = new Noise((ulong)seed);
        var model = new List<TwentyFour>();
        using var list = new VirtualList<TwentyFour>(new() { MaximumCapacity = Most, HeaderSize = 100 });
        nuint start = 0;
        for (int step = 0; step < Steps; step++)
        {
            string told = $"seed {seed}, step {step}";
            int kind = noise.Next(19);
            Step(kind, ref noise, list, model);
            Assert.True(list.Count == model.Count && list.Capacity >= list.Count && list.Capacity <= Most, $"{told}, operation {kind}");
            if (step % 2500 == 0 || step == Steps - 1)
            {
                using ReadView view = list.Read();
                Assert.True(view.Elements<TwentyFour>().SequenceEqual(model.ToArray()), told);
                start = start == 0 && list.Count != 0 ? AddressOf(list) / PageSize.Base * PageSize.Base : start;
                nuint whole = PageSize.AlignUp((nuint)Most * 24, PageSize.Base);
                Assert.True(start == 0 || Resident(start, whole) <= Writable(start, whole), told);
            }
        }

        Assert.True(start != 0);
    }

    private static TwentyFour Item(ref Noise noise) => new(noise.Next(50), 0, noise.Next(3));

    private static void Step(int kind, ref Noise noise, VirtualList<TwentyFour> list, List<TwentyFour> model)
    {
        int count = model.Count;
        int index = noise.Next(count + 1);
        int length = noise.Next(count - index + 1);
        int rare = noise.Next(200);
        TwentyFour item = Item(ref noise);
        TwentyFour[] items = new TwentyFour[noise.Next(400)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Item(ref noise);
        }

        switch (kind)
        {
            case <= 2 when count < Most:
                list.Add(item);
                model.Add(item);
                break;
            case 3 or 4 when count + items.Length > Most:
                Assert.Throws<InvalidOperationException>(() => list.AddRange(items));
                Assert.Equal(CapacityError.Overflow, list.TryReserve(items.Length));
                break;
            case 3:
                list.AddRange(items);
                model.AddRange(items);
                break;
            case 4:
                list.InsertRange(index, items);
                model.InsertRange(index, items);
                break;
            case 5 when count < Most:
                list.Insert(index, item);
                model.Insert(index, item);
                break;
            case 6 when index < count:
                Assert.Equal(model[index], list.RemoveAt(index));
                model.RemoveAt(index);
                break;
            case 7:
                Assert.Equal(model.Remove(item), list.Remove(item));
                break;
            case 8 when rare < 20:
                Assert.Equal(model.RemoveAll(other => other.A == item.A), list.RemoveAll(other => other.A == item.A));
                break;
            case 9 when rare < 40:
                list.RemoveRange(index, length);
                model.RemoveRange(index, length);
                break;
            case 10 when index < count:
                Assert.Equal(model[index], list.SwapRemove(index));
                (model[index], _) = (model[^1], 0);
                model.RemoveAt(count - 1);
                break;
            case 11:
                Assert.Equal(count != 0, list.TryPop(out TwentyFour popped));
                Assert.Equal(count == 0 ? default : model[^1], popped);
                model.RemoveRange(Math.Max(count - 1, 0), Math.Min(count, 1));
                break;
            case 12 when rare < 10:
                list.Truncate(index);
                model.RemoveRange(index, count - index);
                break;
            case 13 when rare == 0:
                list.Clear();
                model.Clear();
                break;
            case 14 when rare == 0:
                list.ClearAndDecommit();
                model.Clear();
                break;
            case 15 when rare < 20:
                list.TrimExcess();
                break;
            case 16:
                Assert.Equal(model.IndexOf(item), list.IndexOf(item));
                break;
            case 17 when rare < 5:
                list.Reverse();
                model.Reverse();
                break;
            case 18 when index < count:
                list[index] = model[index] = item;
                break;
            default:
                Assert.Equal(count < list.Capacity, list.TryAddWithinCapacity(item));
                model.AddRange(list.Count == count ? [] : [item]);
                break;
        }
    }
}
