using MemoryPages.Tests.Simulation;
using static MemoryPages.Tests.Reserved.VirtualListWitness;

namespace MemoryPages.Tests.Reserved;

/// <summary>What to do, with numbers from which places, lengths and elements are made.</summary>
internal readonly record struct Operation(int Kind, int Where, int HowMany, int What)
{
    public const int Kinds = 22;
    public const int EnsureCapacity = 20;
    public const int Fill = 21;
}

/// <summary>
/// A list beside one of the framework's, and beside a reckoning of its memory: which bytes are committed (and charged), and which were ever written
/// since they were committed or discarded (and are resident).
/// </summary>
internal sealed class VirtualListModel : IDisposable
{
    public const int Most = 20_000;
    private const int Size = 24;
    private const int HeaderBytes = 112; // 100, rounded up to 16

    private static readonly nuint s_page = PageSize.Base;
    private static readonly nuint s_reserved = PageSize.AlignUp(HeaderBytes + (Most * Size), s_page);

    private readonly List<TwentyFour> _model = [];
    private readonly nuint _start;
    private nuint _committed;
    private nuint _written;

    public VirtualListModel()
    {
        using (WriteView header = List.Header())
        {
            header.Span.Fill(1);
            _start = AddressOf(header);
        }

        _committed = s_page;
        _written = HeaderBytes;
    }

    /// <summary>Small pages, so that what is written says which pages are resident.</summary>
    public VirtualList<TwentyFour> List { get; } = new(new() { MaximumCapacity = Most, HeaderSize = 100, NoHugePages = true });

    public void Do(Operation operation)
    {
        int before = (int)List.Capacity;
        Reckon(Change(operation), before);
        Assert.Equal(((nint)_model.Count, CapacityOf(_committed)), (List.Count, List.Capacity));
    }

    /// <summary>Content, and what the kernel says of the memory: page tables and mappings of this list alone, whatever else runs beside.</summary>
    public void AssertSame()
    {
        using (ReadView view = List.Read())
        {
            Assert.True(view.Elements<TwentyFour>().SequenceEqual(_model.ToArray()));
        }

        using (WriteView header = List.Header())
        {
            Assert.Equal(-1, header.Span.IndexOfAnyExcept((byte)1));
        }

        Assert.Equal(_committed, Writable(_start, s_reserved));
        if (SimulatedRun.GivesBackAtOnce)
        {
            Assert.Equal(PageSize.AlignUp(_written, s_page), Resident(_start, s_reserved));
            Assert.Equal(_committed, Charged(_start, s_reserved));
        }
    }

    public void Dispose() => List.Dispose();

    private static nuint EndOf(int count) => HeaderBytes + ((nuint)count * Size);

    private static nint CapacityOf(nuint committed) => Math.Min((nint)((committed - HeaderBytes) / Size), Most);

    private static TwentyFour Item(int number) => new(number % 50, 0, number % 3);

    /// <summary>What growing by the default strategy commits, and what the elements that are there now have written.</summary>
    private void Reckon(int required, int capacityBefore)
    {
        if (required > capacityBefore)
        {
            nuint wished = EndOf(Math.Min(Math.Max(2 * capacityBefore, required), Most));
            _committed = PageSize.AlignUp(wished, s_page);
        }

        _written = Math.Max(_written, EndOf(_model.Count));
    }

    /// <returns>Elements for which there had to be capacity.</returns>
    private int Change(Operation operation)
    {
        int count = _model.Count;
        int index = operation.Where % (count + 1);
        int length = operation.HowMany % (count - index + 1);
        int rare = operation.HowMany % 200;
        TwentyFour item = Item(operation.What);
        TwentyFour[] items = [.. Enumerable.Range(0, operation.HowMany % 400).Select(i => Item(operation.What / (i + 1)))];
        switch (operation.Kind)
        {
            case <= 2 when count < Most:
                List.Add(item);
                _model.Add(item);
                return count + 1;
            case 3 or 4 when count + items.Length > Most:
                Assert.Throws<InvalidOperationException>(() => List.AddRange(items));
                Assert.Equal(CapacityError.Overflow, List.TryReserve(items.Length));
                return 0;
            case 3:
                List.AddRange(items);
                _model.AddRange(items);
                return _model.Count;
            case 4:
                List.InsertRange(index, items);
                _model.InsertRange(index, items);
                return _model.Count;
            case 5 when count < Most:
                List.Insert(index, item);
                _model.Insert(index, item);
                return count + 1;
            case 19 when rare < 20 && count + length <= Most:
                using (ReadView own = List.Read(index, length))
                {
                    List.AddRange(own.Elements<TwentyFour>());
                }

                _model.AddRange(_model.GetRange(index, length));
                return _model.Count;
            case Operation.EnsureCapacity when rare < 50:
                int wanted = operation.What % (Most + 1);
                List.EnsureCapacity(wanted);
                return wanted;
            case 12 or 13 or 14 or 15:
                GiveBack(operation.Kind, rare, index);
                return 0;
            case Operation.Fill when count == 0:
                List.AddRange(items = [.. Enumerable.Repeat(item, 1 + (operation.What % 1000))]);
                _model.AddRange(items);
                return _model.Count;
            case 6 or 7 or 8 or 9 or 10 or 11 or 16 or 17 or 18:
                TakeOrFind(operation.Kind, rare, index, length, item);
                return 0;
            default:
                Assert.Equal(count < List.Capacity, List.TryAddWithinCapacity(item));
                _model.AddRange(List.Count == count ? [] : [item]);
                return 0;
        }
    }

    private void GiveBack(int kind, int rare, int index)
    {
        switch (kind)
        {
            case 12 when rare < 10:
                List.Truncate(index);
                _model.RemoveRange(index, _model.Count - index);
                break;
            case 13 when rare < 2:
                List.Clear();
                _model.Clear();
                break;
            case 14 when rare < 2:
                List.ClearAndDecommit();
                _model.Clear();
                _written = Math.Min(_written, s_page); // the header's page stays
                AssertSame();
                break;
            case 15 when rare < 10:
                List.TrimExcess();
                _committed = PageSize.AlignUp(EndOf(_model.Count), s_page);
                _written = Math.Min(_written, _committed);
                AssertSame();
                break;
        }
    }

    private void TakeOrFind(int kind, int rare, int index, int length, TwentyFour item)
    {
        int count = _model.Count;
        switch (kind)
        {
            case 6 when index < count:
                Assert.Equal(_model[index], List.RemoveAt(index));
                _model.RemoveAt(index);
                break;
            case 7:
                Assert.Equal(_model.Remove(item), List.Remove(item));
                break;
            case 8 when rare < 20:
                Assert.Equal(_model.RemoveAll(other => other.A == item.A), List.RemoveAll(other => other.A == item.A));
                break;
            case 9 when rare < 40:
                List.RemoveRange(index, length);
                _model.RemoveRange(index, length);
                break;
            case 10 when index < count:
                Assert.Equal(_model[index], List.SwapRemove(index));
                _model[index] = _model[^1];
                _model.RemoveAt(count - 1);
                break;
            case 11:
                Assert.Equal(count != 0, List.TryPop(out TwentyFour popped));
                Assert.Equal(count == 0 ? default : _model[^1], popped);
                _model.RemoveRange(Math.Max(count - 1, 0), Math.Min(count, 1));
                break;
            case 16:
                Assert.Equal(_model.IndexOf(item), List.IndexOf(item));
                break;
            case 17 when rare < 5:
                List.Reverse();
                _model.Reverse();
                break;
            case 18 when index < count:
                List[index] = _model[index] = item;
                break;
        }
    }
}
