using System.Diagnostics.CodeAnalysis;

namespace MemoryPages.Tests.Failures;

/// <summary>Some pages at a time, and which operation is next; the operations are in the part beside.</summary>
[SuppressMessage("Security", "CA5394", Justification = "Random numbers that a seed repeats are what is wanted.")]
internal sealed partial class Model(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<ModelSubject> _subjects = [];

    /// <summary>The operation under way, for messages.</summary>
    public string Doing { get; private set; } = "";

    public HashSet<string> Kinds { get; } = [];

    public long LockedBytes => _subjects.Sum(s => s.Locked.Count(is_ => is_)) * (long)PageSize.Base;

    private static int Page => (int)PageSize.Base;

    public void Step()
    {
        ModelSubject? subject = _subjects.Count == 0 || (_subjects.Count < 6 && _random.Next(8) == 0) ? null : _subjects[_random.Next(_subjects.Count)];
        if (subject is null)
        {
            _subjects.Add(Allocate());
        }
        else if (subject.Leases.Count != 0 && _random.Next(3) == 0)
        {
            EndLease(subject);
        }
        else if (!subject.IsDisposed)
        {
            Operate(subject);
        }

        ModelState.AssertAre(_subjects);
    }

    /// <summary>Ends everything; nothing may be left.</summary>
    public void End()
    {
        foreach (ModelSubject subject in _subjects.ToArray())
        {
            Dispose(subject);
            while (subject.Leases.Count != 0)
            {
                EndLease(subject);
            }
        }

        Assert.Empty(_subjects);
    }

    private ModelSubject Allocate()
    {
        int type = _random.Next(2) == 0 ? 2 : _random.Next(6);
        nuint length = (nuint)_random.Next(1, 12 * Page);
        var options = new AllocationOptions
        {
            Alignment = _random.Next(3) == 0 ? PageSize.Base << _random.Next(6) : 0,
            Populate = type is not (0 or 4) && _random.Next(4) == 0,
            NoReserve = _random.Next(5) == 0,
            Stack = _random.Next(8) == 0,
            HugePages = _random.Next(5) == 0 ? HugePages.Transparent : HugePages.None,
            Name = _random.Next(4) == 0 ? "model" : null,
        };
        Begin("Allocate", $"type {type}, {length} bytes, {options}");
        ModelSubject subject = ModelSubject.Allocate(type, length, options);
        Assert.Equal(PageSize.AlignUp(length, PageSize.Base), (nuint)subject.Content.Length);
        Assert.True(options.Alignment == 0 || PageSize.IsAligned(subject.Address, options.Alignment));
        return subject;
    }

    private void Operate(ModelSubject subject)
    {
        PageRange range = RandomRange(subject);
        bool leased = subject.Leases.Count != 0;
        switch (_random.Next(14))
        {
            case 0:
            case 1:
                Write(subject, range);
                break;
            case 2:
                Read(subject, range);
                break;
            case 3:
                int type = _random.Next(6);
                Begin("Protect", $"to {type}");
                Exclusively(leased, () => _subjects[_subjects.IndexOf(subject)] = subject.Protect(type));
                break;
            case 4:
                Scope(subject, range, leased);
                break;
            case 5:
                Release(subject, range, leased);
                break;
            case 6:
                Resize(subject, leased);
                break;
            case 7:
                Lock(subject, range);
                break;
            case 8:
                Begin("Unlock", $"{range}");
                subject.Unlock(range);
                Outward(range, (i, _) => subject.Locked[i] = false);
                break;
            case 9:
                Advice[] harmless = [Advice.Normal, Advice.Random, Advice.Sequential, Advice.WillNeed, Advice.DontDump, Advice.DoDump, Advice.NoHugePage];
                Advice advice = harmless[_random.Next(harmless.Length)];
                Begin("Advise", $"{advice} {range}");
                if (advice.IsSupported)
                {
                    subject.Advise(advice, range);
                }

                break;
            case 10:
                Prefault(subject, range);
                break;
            case 11:
            case 12:
                Lease(subject, range);
                break;
            default:
                if (_random.Next(3) == 0)
                {
                    Dispose(subject);
                }

                break;
        }

        if (!subject.IsDisposed && _subjects.Contains(subject))
        {
            Assert.Equal(subject.Leases.Count, subject.LeaseCount);
        }
    }

    /// <summary>What needs the pages for itself is refused while they are leased, and nothing changes.</summary>
    private static bool Exclusively(bool leased, Action act)
    {
        if (leased)
        {
            Assert.Throws<InvalidOperationException>(act);
        }
        else
        {
            act();
        }

        return !leased;
    }

    private void Begin(string kind, string detail)
    {
        Kinds.Add(kind);
        Doing = $"{kind} {detail}";
    }

    private PageRange RandomRange(ModelSubject subject)
    {
        int length = subject.Content.Length;
        int offset = _random.Next(3) == 0 ? _random.Next(length / Page) * Page : _random.Next(length + 1);
        int rest = length - offset;
        return new PageRange((nuint)offset, (nuint)(_random.Next(4) == 0 ? rest : _random.Next(rest + 1)));
    }

    /// <summary>The pages that hold a byte of the range.</summary>
    private static void Outward(PageRange range, Action<int, int> page)
    {
        int first = (int)range.Offset / Page;
        int end = range.Length == 0 ? first : ((int)(range.Offset + range.Length) + Page - 1) / Page;
        for (int i = first; i < end; i++)
        {
            page(i, i - first);
        }
    }

    /// <summary>The pages that lie in the range whole.</summary>
    private static void Inward(PageRange range, Action<int> page)
    {
        int end = (int)(range.Offset + range.Length) / Page;
        for (int i = ((int)range.Offset + Page - 1) / Page; i < end; i++)
        {
            page(i);
        }
    }
}
