using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MemoryPages.Platform.Linux.Survival;

/// <summary>The ranges whose accesses survive, where the machine code finds them: in blocks of slots, linked, which are never given back.</summary>
/// <remarks>
/// The code reads without a lock, on any thread, at any moment. A slot's sequence is odd while the slot is not in force; the reader takes it before
/// and after the rest, and reads again if it changed. Writers are serialized by their caller.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class SurvivingRanges
{
    private const int SlotsPerBlock = 63;

    private readonly Stack<nint> _free = new();
    private int _count;
    private Block* _last;

    /// <summary>How many are in force.</summary>
    public int Count => _count;

    public nuint FirstBlock { get; private set; }

    /// <summary>A free slot where there is one, or a new block of them.</summary>
    public SystemError TryAdd(
        nuint address, nuint length, nuint pageSize, PageProtection protection, SurvivingRange whole, out SurvivingRange range)
    {
        range = default;
        if (_free.Count == 0)
        {
            SystemError error = TryAddBlock();
            if (error.Failed)
            {
                return error;
            }
        }

        var slot = (Slot*)_free.Pop();
        bool isPart = whole != default;
        slot->Start = address;
        slot->End = address + length;
        slot->Record = isPart ? RecordOf(At(whole)) : RecordOf(slot);
        slot->Protection = LinuxMemorySystem.NativeProtection(protection);
        slot->PageShift = isPart ? At(whole)->PageShift : BitOperations.Log2(pageSize);
        slot->IsPart = isPart ? 1 : 0;
        Forget(slot);
        Interlocked.Increment(ref slot->Sequence);
        _count++;
        range = new SurvivingRange((nuint)slot);
        return SystemError.None;
    }

    public void Remove(SurvivingRange range)
    {
        Interlocked.Increment(ref At(range)->Sequence);
        _count--;
        _free.Push((nint)range.Identity); // there was room for it before
    }

    public static void Protect(SurvivingRange range, PageProtection protection) =>
        Volatile.Write(ref At(range)->Protection, LinuxMemorySystem.NativeProtection(protection));

    public static void Suspend(SurvivingRange range) => Interlocked.Increment(ref At(range)->Sequence);

    public static void Resume(SurvivingRange range, nuint address, nuint length)
    {
        Slot* slot = At(range);
        nuint lowest = slot->Own.Lowest;
        slot->Own.Lowest = lowest >= slot->Start && lowest < slot->End ? lowest - slot->Start + address : nuint.MaxValue;
        slot->Start = address;
        slot->End = address + length;
        Interlocked.Increment(ref slot->Sequence);
    }

    public static Replacements Replaced(SurvivingRange whole) =>
        new(Volatile.Read(ref At(whole)->Own.Faults), Volatile.Read(ref At(whole)->Own.Lowest));

    public static void ForgetReplaced(SurvivingRange whole) => Forget(At(whole));

    private static Slot* At(SurvivingRange range) => (Slot*)range.Identity;

    private static Record* RecordOf(Slot* slot) => &slot->Own;

    private static void Forget(Slot* slot) => slot->Own = new Record { Lowest = nuint.MaxValue };

    private SystemError TryAddBlock()
    {
        _free.EnsureCapacity(_count + SlotsPerBlock); // before there is something to lose: what is removed later needs no memory
        var request = new AnonymousRequest
        {
            Length = PageSize.AlignUp((nuint)sizeof(Block), PageSize.Base),
            Protection = PageProtection.Read | PageProtection.Write,
            PageSize = PageSize.Base,
            Alignment = PageSize.Base,
        };
        SystemError error = MemorySystem.Current.MapAnonymous(request, out MappedRange range);
        if (error.Failed)
        {
            return error;
        }

        var block = (Block*)range.Address;
        var slots = (Slot*)(block + 1) - SlotsPerBlock;
        for (int i = SlotsPerBlock - 1; i >= 0; i--)
        {
            slots[i].Sequence = 1;
            _free.Push((nint)(slots + i));
        }

        if (_last is null)
        {
            FirstBlock = range.Address;
        }
        else
        {
            Volatile.Write(ref _last->Next, range.Address);
        }

        _last = block;
        return SystemError.None;
    }

    /// <summary>The slots stand at the end of it. The layout is told in eng/bus-error-handler/README.md, and known to the code.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64 + (SlotsPerBlock * 64))]
    private struct Block
    {
        public nuint Next;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Slot
    {
        public ulong Sequence;
        public nuint Start;
        public nuint End;
        public Record* Record;
        public int Protection;
        public int PageShift;
        public int IsPart;
        public Record Own;
    }

    private struct Record
    {
        public ulong Faults;
        public nuint Lowest;
    }
}
