using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.MappingCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Mapping, unmapping and protecting.</summary>
internal sealed partial class LinuxMemorySystem
{
    private readonly Lazy<bool> _namesSupported = new(ProbeNames);

    public override bool NamesSupported => _namesSupported.Value;

    public override SystemError MapAnonymous(in AnonymousRequest request, out MappedRange range)
    {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS;
        if (request.NoReserve)
        {
            flags |= MAP_NORESERVE;
        }

        if (request.Stack)
        {
            flags |= MAP_STACK;
        }

        if (request.PageSize > PageSize)
        {
            flags |= MAP_HUGETLB | ((int)nuint.Log2(request.PageSize) << MAP_HUGE_SHIFT);
        }

        SystemError error = request.Guard == 0
            ? MapAligned(request, flags, out range)
            : MapInReservation(request, flags, out range);
        if (!error.Failed && request.NumaPolicy.Kind != NumaPolicyKind.Default)
        {
            error = SetNumaPolicy(range.Address, request.Length, request.NumaPolicy); // the range stays the caller's to be rid of
        }

        if (!error.Failed && request.TransparentHuge)
        {
            // A wish: where transparent huge pages are switched off this fails and the pages are ordinary ones.
            _ = AdviceCalls.madvise(range.Address, request.Length, AdviceCalls.MADV_HUGEPAGE);
        }

        return error;
    }

    public override SystemError Unmap(nuint address, nuint length) =>
        munmap(address, length) == 0 ? SystemError.None : Errno.Last("munmap");

    public override SystemError Protect(nuint address, nuint length, PageProtection protection) =>
        mprotect(address, length, NativeProtection(protection)) == 0 ? SystemError.None : Errno.Last("mprotect");

    public override unsafe void SetName(nuint address, nuint length, string name)
    {
        // The kernel takes at most 80 bytes with the terminator and refuses unprintable ones and \ ` $ [ ].
        Span<byte> text = stackalloc byte[80];
        int count = 0;
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, text.Length - 1)))
        {
            text[count++] = c is > ' ' and < '\x7f' and not ('\\' or '`' or '$' or '[' or ']') ? (byte)c : (byte)'_';
        }

        text[count] = 0;
        fixed (byte* start = text)
        {
            _ = ProcessCalls.prctl(ProcessCalls.PR_SET_VMA, ProcessCalls.PR_SET_VMA_ANON_NAME, address, length, start);
        }
    }

    internal static int NativeProtection(PageProtection protection) =>
        ((protection & PageProtection.Read) != 0 ? PROT_READ : PROT_NONE)
        | ((protection & PageProtection.Write) != 0 ? PROT_WRITE : PROT_NONE)
        | ((protection & PageProtection.Execute) != 0 ? PROT_EXEC : PROT_NONE);

    /// <summary>
    /// Takes the place that the kernel offers where that is aligned already: mostly it is, since kernels align large mappings themselves.
    /// </summary>
    private SystemError MapAligned(in AnonymousRequest request, int flags, out MappedRange range)
    {
        nuint address = mmap(request.NearAddress, request.Length, NativeProtection(request.Protection), flags, -1, 0);
        if (address == MAP_FAILED)
        {
            range = default;
            return Errno.Last("mmap");
        }

        if ((address & (request.Alignment - 1)) == 0)
        {
            range = new MappedRange(address, address, request.Length);
            return SystemError.None;
        }

        SystemError error = Unmap(address, request.Length);
        if (error.Failed)
        {
            range = new MappedRange(address, address, request.Length); // the caller's to be rid of
            return error;
        }

        return MapInReservation(request, flags, out range);
    }

    /// <summary>Reserves more addresses than needed, places the mapping in the middle, and gives the rest back except for the guards.</summary>
    private SystemError MapInReservation(in AnonymousRequest request, int flags, out MappedRange range)
    {
        range = default;
        SystemError error = ReserveAround(request.NearAddress, request.Length, request.Guard, request.Alignment, out MappedRange reserved);
        if (error.Failed)
        {
            return error;
        }

        if (mmap(reserved.Address, request.Length, NativeProtection(request.Protection), flags | MAP_FIXED, -1, 0) == MAP_FAILED)
        {
            error = Errno.Last("mmap");
            _ = Unmap(reserved.ReservedAddress, reserved.ReservedLength);
            return error;
        }

        range = reserved;
        return SystemError.None;
    }

    private SystemError ReserveAround(nuint near, nuint length, nuint guard, nuint alignment, out MappedRange range)
    {
        range = default;
        if (!TryAddSlack(length, guard, alignment, out nuint total))
        {
            return new SystemError("mmap", Errno.ENOMEM); // what the kernel would say
        }

        nuint start = mmap(near, total, PROT_NONE, ReservationFlags, -1, 0);
        if (start == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        range = GiveSlackBack(start, total, length, guard, alignment);
        return SystemError.None;
    }

    private static bool ProbeNames()
    {
        LinuxMemorySystem system = (LinuxMemorySystem)Current;
        return system.WithScratchPage(PageProtection.Read, static (system, address) =>
        {
            system.SetName(address, system.PageSize, "probe");
            return LinuxProcessMaps.Read(address, system.PageSize) is [{ Name: "[anon:probe]" }];
        }) ?? false;
    }

    /// <summary>Runs a probe on a fresh private page; null where not even a page can be had: no answer to remember.</summary>
    private bool? WithScratchPage(PageProtection protection, Func<LinuxMemorySystem, nuint, bool> probe)
    {
        nuint address = mmap(0, PageSize, NativeProtection(protection), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == MAP_FAILED)
        {
            return null;
        }

        try
        {
            return probe(this, address);
        }
        finally
        {
            _ = munmap(address, PageSize);
        }
    }
}
