namespace MemoryPages.Allocators;

/// <summary>
/// The free parts of some memory, in it: each begins with its length and the address of the next, higher one. Neighbours are always one part.
/// </summary>
internal sealed unsafe class FreeParts
{
    /// <summary>Parts begin at multiples of this, and have multiples of it: room for what a free part must hold.</summary>
    public const nuint Granule = 16;

    private readonly nuint _start;
    private readonly nuint _end;
    private Part* _first;

    public FreeParts(nuint address, nuint length)
    {
        _start = PageSize.AlignUp(address, Granule);
        _end = Math.Max(_start, PageSize.AlignDown(address + length, Granule));
        if (_end != _start)
        {
            Put(_start, _end - _start);
        }
    }

    public nuint Capacity => _end - _start;

    public nuint FreeBytes { get; private set; }

    public nuint Largest
    {
        get
        {
            nuint largest = 0;
            for (Part* part = _first; part != null; part = part->Next)
            {
                largest = Math.Max(largest, part->Length);
            }

            return largest;
        }
    }

    /// <summary>Takes bytes at an aligned address out of the first part that has them; 0 where none has.</summary>
    public nuint Take(nuint length, nuint alignment)
    {
        Part* previous = null;
        for (Part* part = _first; part != null; previous = part, part = part->Next)
        {
            nuint address = ((nuint)part + (alignment - 1)) & ~(alignment - 1);
            nuint gap = address - (nuint)part;
            if (gap <= part->Length && length <= part->Length - gap)
            {
                Cut(previous, part, gap, length);
                return address;
            }
        }

        return 0;
    }

    /// <summary>Takes bytes at an address, if a part with so many begins there.</summary>
    public bool TryTakeAt(nuint address, nuint length)
    {
        Part* previous = Before(address);
        Part* part = previous == null ? _first : previous->Next;
        bool taken = (nuint)part == address && part->Length >= length;
        if (taken)
        {
            Cut(previous, part, 0, length);
        }

        return taken;
    }

    /// <summary>Puts bytes back.</summary>
    /// <exception cref="InvalidOperationException">Some of them are free, or not of this memory.</exception>
    public void Put(nuint address, nuint length)
    {
        Part* previous = Before(address);
        Part* next = previous == null ? _first : previous->Next;
        bool isWithin = address % Granule == 0 && address - _start < Capacity && length <= _end - address;
        if (!isWithin || (previous != null && EndOf(previous) > address) || (next != null && length > (nuint)next - address))
        {
            throw new InvalidOperationException(
                $"The allocator has no such block at 0x{address:x}: it was freed before, came from another allocator, or has another layout.");
        }

        FreeBytes += length;
        Part* part = (Part*)address;
        *part = next != null && address + length == (nuint)next
            ? new Part { Length = length + next->Length, Next = next->Next }
            : new Part { Length = length, Next = next };
        if (previous != null && EndOf(previous) == address)
        {
            *previous = new Part { Length = previous->Length + part->Length, Next = part->Next };
        }
        else
        {
            Link(previous, part);
        }
    }

    /// <summary>Takes bytes out of a part; what is left before and behind stays free.</summary>
    private void Cut(Part* previous, Part* part, nuint offset, nuint length)
    {
        Part* next = part->Next;
        nuint rest = part->Length - offset - length;
        if (rest != 0)
        {
            var behind = (Part*)((nuint)part + offset + length);
            *behind = new Part { Length = rest, Next = next };
            next = behind;
        }

        if (offset != 0)
        {
            *part = new Part { Length = offset, Next = next };
        }
        else
        {
            Link(previous, next);
        }

        FreeBytes -= length;
    }

    /// <summary>The last part below an address, or null.</summary>
    private Part* Before(nuint address)
    {
        Part* before = null;
        for (Part* part = _first; part != null && (nuint)part < address; part = part->Next)
        {
            before = part;
        }

        return before;
    }

    private void Link(Part* previous, Part* part)
    {
        if (previous == null)
        {
            _first = part;
        }
        else
        {
            previous->Next = part;
        }
    }

    private static nuint EndOf(Part* part) => (nuint)part + part->Length;

    private struct Part
    {
        public nuint Length;
        public Part* Next;
    }
}
