using System.Reflection;

namespace MemoryPages.Scenarios;

/// <summary>A list calls code that changes the list, or takes its memory away.</summary>
internal static class ListForeignCode
{
    private const int Count = 100_000;

    private static readonly (string Name, bool IsRefused, Action<VirtualList<Meddler>> Do)[] s_deeds =
    [
        ("dispose", false, list => list.Dispose()),
        ("clear", false, list => list.Clear()),
        ("clear and trim", false, list => { list.Clear(); Swallow(list.TrimExcess); }),
        ("trim", true, list => list.TrimExcess()),
        ("clear and decommit", true, list => list.ClearAndDecommit()),
        ("add", false, list => list.Add(new Meddler(-1))),
        ("pop and add", false, list => { list.Pop(); list.Add(new Meddler(-1)); }),
        ("remove all but one", false, list => list.RemoveRange(1, list.Count - 1)),
    ];

    private static Action? s_deed;

    [Scenario]
    public static int ListCallsForeignCode(string[] arguments)
    {
        typeof(VirtualList<Meddler>).GetProperty("SpanLimit", BindingFlags.Static | BindingFlags.NonPublic)!
            .SetValue(null, arguments[0] == "Sort of spans" ? 100 : (nint)int.MaxValue);
        foreach ((string name, bool isRefused, Action<VirtualList<Meddler>> deed) in s_deeds)
        {
            using VirtualList<Meddler> list = Filled();
            using VirtualList<Meddler> other = Filled();
            int calls = 0;
            s_deed = () =>
            {
                if (++calls == 3)
                {
                    deed(arguments[0] == "ContentEquals other" ? other : list);
                }
            };
            bool told = false;
            try
            {
                Use(arguments[0], list, other);
            }
            catch (InvalidOperationException)
            {
                told = true;
            }

            s_deed = null;
            if (!told || calls < 3)
            {
                Console.Error.WriteLine($"{arguments[0]}, {name}: not told after {calls} calls.");
                return 1;
            }

            // Refused: all are there still. Else the list is as the deed left it.
            nint expected = isRefused ? Count : name switch { "add" => Count + 1, "pop and add" => Count, "remove all but one" => 1, _ => 0 };
            nint left = (arguments[0] == "ContentEquals other" ? other : list).Count;
            if (left != expected)
            {
                Console.Error.WriteLine($"{arguments[0]}, {name}: {left} elements are left.");
                return 2;
            }

            if (name != "dispose")
            {
                list.Add(new Meddler(7)); // it can be used further
                list.TrimExcess();        // and no lease stayed open
            }
        }

        Console.WriteLine($"{s_deeds.Length} deeds");
        return 0;
    }

    private static VirtualList<Meddler> Filled()
    {
        var list = new VirtualList<Meddler>();
        for (int i = 0; i < Count; i++)
        {
            list.Add(new Meddler(Count - i));
        }

        return list;
    }

    private static void Use(string verb, VirtualList<Meddler> list, VirtualList<Meddler> other)
    {
        var last = new Meddler(-5);
        switch (verb)
        {
            case "Sort" or "Sort of spans":
                list.Sort();
                break;
            case "BinarySearch":
                list.BinarySearch(last);
                break;
            case "IndexOf":
                list.IndexOf(last);
                break;
            case "Contains":
                _ = list.Contains(last);
                break;
            case "Remove":
                list.Remove(last);
                break;
            case "RemoveAll":
                list.RemoveAll(item => item.Equals(last));
                break;
            case "ContentEquals list" or "ContentEquals other":
                list.ContentEquals(other);
                break;
            case "ContentEquals span":
                Meddler[] array = new Meddler[Count];
                list.CopyTo(0, array);
                list.ContentEquals(array);
                break;
            default:
                throw new ArgumentException(verb);
        }
    }

    private static void Swallow(Action action)
    {
        try
        {
            action();
        }
        catch (InvalidOperationException)
        {
        }
    }

    /// <summary>Compares as a number, and does the deed in the middle of it.</summary>
    private readonly record struct Meddler(int Value) : IComparable<Meddler>
    {
        public bool Equals(Meddler other)
        {
            s_deed?.Invoke();
            return Value == other.Value;
        }

        public override int GetHashCode() => Value;

        public int CompareTo(Meddler other)
        {
            s_deed?.Invoke();
            return Value.CompareTo(other.Value);
        }
    }
}
