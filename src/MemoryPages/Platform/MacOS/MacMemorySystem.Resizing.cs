using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Growing and moving: there is no mremap.</summary>
/// <remarks>A region of a file is neither made longer nor moved to a longer place: that takes the file.</remarks>
internal sealed unsafe partial class MacMemorySystem
{
    /// <remarks>mmap(2) itself would grant it; this is what the access says.</remarks>
    public override SystemError BehindEndOfFile => new("mmap", Errno.EFAULT);

    /// <summary>Fresh memory is put behind the last page, if nothing is there, and takes over what that page has.</summary>
    public override SystemError GrowInPlace(nuint end, nuint extra, nuint pageSize)
    {
        nuint last = end - pageSize;
        if (!MacRegions.TryNext(_task, ref last, out _, out RegionFacts info) || info.ExternalPager != 0)
        {
            return MacErrors.NotSupported("mach_vm_allocate");
        }

        SystemError error = Take(end, extra, info.Protection, info.ShareMode == SM_LARGE_PAGE ? VM_FLAGS_SUPERPAGE_SIZE_2MB : 0);
        if (!error.Failed)
        {
            error = TakeOver(info, end, extra);
            if (error.Failed)
            {
                _ = Unmap(end, extra);
            }
        }

        return error;
    }

    /// <summary>
    /// The same memory is mapped a second time, region by region, and the first mapping ended: until all is there nothing of the old place has
    /// changed.  </summary>
    public override SystemError Move(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to)
    {
        to = default;
        nuint end = from.Address + length;
        nuint last = end - PageSize;
        if (!MacRegions.TryNext(_task, ref last, out _, out RegionFacts growing) || growing.ExternalPager != 0 || growing.ShareMode == SM_LARGE_PAGE)
        {
            return MacErrors.NotSupported("mach_vm_remap");
        }

        SystemError error = Place(0, newLength, guard, alignment, out MappedRange placed);
        if (error.Failed)
        {
            return error;
        }

        nuint next = from.Address;
        while (!error.Failed && next < end && MacRegions.TryNext(_task, ref next, out nuint size, out RegionFacts info) && next < end)
        {
            nuint part = Math.Min(size, end - next);
            nuint target = placed.Address + (next - from.Address);
            error = MapAgain(next, target, part, info.Protection, info.Inheritance);
            if (!error.Failed && info.UserWiredCount != 0 && mlock(target, part) != 0)
            {
                error = Errno.Last("mlock"); // a wire belongs to the mapping, not to the memory
            }

            next += size;
        }

        if (!error.Failed && newLength > length)
        {
            nuint added = placed.Address + length;
            nuint more = newLength - length;
            error = mprotect(added, more, growing.Protection) != 0 ? Errno.Last("mprotect") : TakeOver(growing, added, more);
        }

        if (error.Failed)
        {
            _ = Unmap(placed.ReservedAddress, placed.ReservedLength);
            return error;
        }

        _ = Unmap(from.ReservedAddress, from.ReservedLength);
        to = placed;
        return SystemError.None;
    }

    /// <summary>The same memory at a second place, in place of what is mapped there, which is the caller's.</summary>
    private SystemError MapAgain(nuint source, nuint target, nuint length, int protection, uint inheritance)
    {
        ulong place = target;
        int current;
        int maximum;
        SystemError error = MacErrors.OfMach("mach_vm_remap", mach_vm_remap(
            _task, &place, length, 0, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE, _task, source, copy: 0, &current, &maximum, inheritance));
        return error.Failed || current == protection || mprotect(target, length, protection) == 0 ? error : Errno.Last("mprotect");
    }
}
