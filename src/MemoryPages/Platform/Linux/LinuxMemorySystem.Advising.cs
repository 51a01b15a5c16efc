using System.Collections.Concurrent;
using MemoryPages.Platform.Linux.Native;
using MemoryPages.Unsafe;
using static MemoryPages.Platform.Linux.Native.AdviceCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Advice, and asking the kernel which it takes.</summary>
internal sealed partial class LinuxMemorySystem
{
    private readonly ConcurrentDictionary<int, bool> _supported = new();

    public override bool IsSupported(Advice advice) => IsSupported(LinuxAdvice.NumberOf(advice));

    public override bool IsSupported(UncheckedAdvice advice) => IsSupported(LinuxAdvice.NumberOf(advice));

    public override SystemError Advise(nuint address, nuint length, Advice advice) => Advise(address, length, LinuxAdvice.NumberOf(advice));

    public override SystemError Advise(nuint address, nuint length, UncheckedAdvice advice) => Advise(address, length, LinuxAdvice.NumberOf(advice));

    private static SystemError Advise(nuint address, nuint length, int? number)
    {
        if (number is not int known)
        {
            return new SystemError("madvise", Errno.EINVAL);
        }

        return madvise(address, length, known) == 0 ? SystemError.None : Errno.Last("madvise");
    }

    private bool IsSupported(int? number)
    {
        if (number is not int known)
        {
            return false;
        }

        if (!_supported.TryGetValue(known, out bool isSupported) && Probe(known) is bool answer)
        {
            isSupported = _supported[known] = answer;
        }

        return isSupported;
    }

    /// <summary>
    /// An empty range at no address: the kernel checks the number and does nothing. A number may mean another thing on a vendor's kernel (23 was
    /// MADV_DONTEXEC on one), and emulators accept what they do not do: so for advice that the library's own promises rest on, the effect is
    /// looked at too. null where there is no page to look at: no answer to remember.
    /// </summary>
    private bool? Probe(int number) => madvise(0, 0, number) != 0 ? false : number switch
    {
        MADV_POPULATE_READ or MADV_POPULATE_WRITE => WithScratchPage(PageProtection.Read | PageProtection.Write, (system, address) =>
            madvise(address, system.PageSize, number) == 0 && system.IsResident(address)),
        MADV_DONTNEED or MADV_DONTNEED_LOCKED => WithScratchPage(PageProtection.Read | PageProtection.Write, (system, address) =>
            WrittenReadsZeroAfter(system, address, number)),
        MADV_GUARD_INSTALL => WithScratchPage(PageProtection.Read | PageProtection.Write, (system, address) =>
            madvise(address, system.PageSize, number) == 0 && !CanRead(address)),
        _ => true,
    };

    private bool IsResident(nuint address)
    {
        byte page = 0;
        return !QueryResidency(address, new Span<byte>(ref page)).Failed && (page & 1) != 0;
    }

    private static unsafe bool WrittenReadsZeroAfter(LinuxMemorySystem system, nuint address, int number)
    {
        Volatile.Write(ref *(byte*)address, 1);
        return madvise(address, system.PageSize, number) == 0 && Volatile.Read(ref *(byte*)address) == 0;
    }
}
