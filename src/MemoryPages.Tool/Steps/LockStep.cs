using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class LockStep : TourStep
{
    private const int Length = 1 << 20;

    public override string Name => "lock";

    public override string Title => "Lock";

    public override string Lesson => "Locked pages stay in memory: keys that must not reach a disk, loops that must not wait.";

    public override void Run(StepRecorder record)
    {
        using var pages = Pages.Allocate(Length);                       //> mmap … munmap
        record.Look("allocated", pages);
        long before = record.Aside(LockedBytes);
        try
        {
            pages.Lock();                                               //>> mlock
        }
        catch (MemoryPagesException refusal) when (refusal.Reason is ErrorReason.LockLimit or ErrorReason.AccessDenied)
        {
            record.Look("refused", pages);
            record.Refuse(refusal);
            return;
        }

        Snapshot locked = record.Look("locked", pages);
        long during = record.Aside(LockedBytes);
        pages.Unlock();                                                 //> munlock
        record.Look("unlocked", pages);
        long after = record.Aside(LockedBytes);

        record.Measure("before", before, Unit.Bytes, "VmLck of this process");
        record.Measure("locked", during, Unit.Bytes, "VmLck of this process");
        record.Measure("unlocked", after, Unit.Bytes, "VmLck of this process");
        record.Claim("all of it is resident and counted as locked", locked.Resident == Length && during - before == Length);
        record.Claim("unlocked, nothing is", after == before);
        record.Conclude($"VmLck {Quantity.Bytes(before)} → {Quantity.Bytes(during)} → {Quantity.Bytes(after)}");
    }

    private static long LockedBytes() =>
        SystemFiles.Own.Kilobytes("/proc/self/status", "VmLck:") ?? 0;
}
