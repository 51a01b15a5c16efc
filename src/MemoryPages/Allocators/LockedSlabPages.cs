using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Allocators;

/// <summary>Pages that are locked in memory as long as they are rented.</summary>
internal sealed class LockedSlabPages : SlabPages
{
    protected override SystemError TryTake(nuint length, nuint alignment, out RentedRange range, out bool isFresh)
    {
        (range, isFresh) = (default, true);
        AnonymousRequest request = new()
        {
            Length = PageSize.AlignUp(length, PageSize.Base),
            Protection = PageProtection.Read | PageProtection.Write,
            PageSize = PageSize.Base,
            Alignment = Math.Max(alignment, PageSize.Base),
        };
        SystemError error = MemorySystem.Current.MapAnonymous(request, out MappedRange mapped);
        if (!error.Failed)
        {
            error = MemorySystem.Current.Lock(mapped.Address, request.Length, LockMode.Resident);
        }

        if (!error.Failed)
        {
            range = new RentedRange(mapped.Address, request.Length, null);
        }
        else if (mapped.ReservedLength != 0)
        {
            Quarantine.Release(mapped, keepAddresses: false);
        }

        return error;
    }

    protected override void GiveBack(RentedRange range) =>
        Quarantine.Release(new MappedRange(range.Address, range.Address, range.Length), Hardening.IsOn);
}
