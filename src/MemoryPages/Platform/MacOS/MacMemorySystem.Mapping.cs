using System.Runtime.InteropServices;
using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Mapping, unmapping, protecting.</summary>
/// <remarks>
/// macOS promises memory without counting: there is no commit charge, and <see cref="AnonymousRequest.NoReserve"/> changes nothing.
/// </remarks>
internal sealed unsafe partial class MacMemorySystem
{
    private const int Private = MAP_PRIVATE | MAP_ANON;

    /// <summary>In place of the descriptor: no flags of Mach's.</summary>
    private const int OrdinaryPages = -1;

    /// <summary>By the name of the call that programs make which have both by turns.</summary>
    private static readonly SystemError s_neverBoth = MacErrors.NotSupported("pthread_jit_write_protect_np");
    private static readonly bool s_isArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <remarks>Only a tag of eight bits (VM_MAKE_TAG), with names that the tools know.</remarks>
    public override bool NamesSupported => false;

    public override SystemError MapAnonymous(in AnonymousRequest request, out MappedRange range)
    {
        range = default;
        bool isHuge = request.PageSize > PageSize;
        if (isHuge && !HugePageSizes.Contains(request.PageSize))
        {
            return MacErrors.NotSupported("mmap");
        }

        if (IsStripped(request.Protection))
        {
            return s_neverBoth;
        }

        int kind = isHuge ? VM_FLAGS_SUPERPAGE_SIZE_2MB : OrdinaryPages;
        if (request.Guard == 0 && request.Alignment <= request.PageSize)
        {
            nuint address = mmap(request.NearAddress, request.Length, (int)request.Protection, Private, kind, 0);
            range = new MappedRange(address, address, request.Length);
            return address != MAP_FAILED ? SystemError.None : FailedMapping(out range);
        }

        SystemError error = Place(request.NearAddress, request.Length, request.Guard, request.Alignment, out MappedRange placed);
        if (error.Failed)
        {
            return error;
        }

        if (isHuge && mmap(placed.Address, request.Length, (int)request.Protection, Private | MAP_FIXED, kind, 0) == MAP_FAILED)
        {
            error = Errno.Last("mmap");
        }
        else if (!isHuge && mprotect(placed.Address, request.Length, (int)request.Protection) != 0)
        {
            error = Errno.Last("mprotect");
        }

        if (error.Failed)
        {
            _ = Unmap(placed.ReservedAddress, placed.ReservedLength);
            return error;
        }

        range = placed;
        return SystemError.None;
    }

    public override SystemError Unmap(nuint address, nuint length) => munmap(address, length) == 0 ? SystemError.None : Errno.Last("munmap");

    /// <remarks>The bits of <see cref="PageProtection"/> are those of PROT_READ, PROT_WRITE, PROT_EXEC.</remarks>
    public override SystemError Protect(nuint address, nuint length, PageProtection protection) =>
        IsStripped(protection) ? s_neverBoth
        : mprotect(address, length, (int)protection) == 0 ? SystemError.None
        : Errno.Last("mprotect");

    /// <summary>Nothing shows names of memory.</summary>
    public override void SetName(nuint address, nuint length, string name)
    {
    }

    /// <summary>
    /// On arm64 the kernel grants what is asked to be written and run, and takes the right to run away without a word (vm_map_enter, vm_map_protect).
    /// </summary>
    private static bool IsStripped(PageProtection protection) =>
        s_isArm64 && (protection & (PageProtection.Write | PageProtection.Execute)) == (PageProtection.Write | PageProtection.Execute);

    /// <summary>What is said of a mapping that the statement before did not get.</summary>
    private static SystemError FailedMapping(out MappedRange range)
    {
        SystemError error = Errno.Last("mmap");
        range = default;
        return error;
    }

    /// <summary>
    /// Gives new memory what the region has that it stands for, or continues, beside its protection: what a child process gets, advice, wire. Not
    /// that wired pages are to be zeroed at their end (MADV_ZERO_WIRED_PAGES): the kernel does not tell that of a region.
    /// </summary>
    private static SystemError TakeOver(in RegionFacts from, nuint address, nuint length)
    {
        if (from.ShareMode == SM_LARGE_PAGE)
        {
            return SystemError.None; // all of that is the same for all of them
        }

        if (from.Inheritance != VM_INHERIT_COPY && minherit(address, length, (int)from.Inheritance) != 0)
        {
            return Errno.Last("minherit");
        }

        if (MacAdvice.NumberOf(from.Behavior) is int advice && madvise(address, length, advice) != 0)
        {
            return Errno.Last("madvise");
        }

        return from.UserWiredCount != 0 && mlock(address, length) != 0 ? Errno.Last("mlock") : SystemError.None;
    }

    private static int KindOf(in RegionFacts region) => region.ShareMode == SM_LARGE_PAGE ? VM_FLAGS_SUPERPAGE_SIZE_2MB : OrdinaryPages;
}
