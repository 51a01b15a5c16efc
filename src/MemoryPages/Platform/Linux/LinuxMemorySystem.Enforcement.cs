using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;

namespace MemoryPages.Platform.Linux;

/// <summary>What the processor enforces, and code.</summary>
internal sealed partial class LinuxMemorySystem
{
    private readonly ConcurrentDictionary<PageProtection, PageProtection> _effective = new();

    /// <summary>
    /// Processors grant more than is asked: x86 cannot write without reading, and only runs without reading where it has protection keys.
    /// </summary>
    public override PageProtection EffectiveProtection(PageProtection requested)
    {
        if (requested == PageProtection.None || (requested & PageProtection.Read) != 0)
        {
            return requested;
        }

        if (!_effective.TryGetValue(requested, out PageProtection effective))
        {
            effective = requested;
            if (WithScratchPage(requested, static (system, address) => system.CanRead(address)) is bool isReadable)
            {
                effective |= isReadable ? PageProtection.Read : PageProtection.None;
                _effective[requested] = effective;
            }
        }

        return effective;
    }

    private readonly Lazy<bool> _coresSynchronize = new(static () => ProcessCalls.membarrier(
        ProcessCalls.SYS_membarrier, ProcessCalls.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0);

    /// <remarks>
    /// x86-64 keeps its instruction caches coherent. arm64 does not: they are cleaned, for all cores; and what another core has fetched ahead of
    /// where it is, it drops at a barrier of its own only (Arm Architecture Reference Manual, B2.3: the executing thread's ISB). Addresses that held
    /// other code before are run again here, so the kernel is asked for that barrier. One older than 4.16 has none: .NET's own code lives with that.
    /// </remarks>
    public override void PublishCode(nuint address, nuint length)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            ProcessCalls.clear_cache(address, address + length);
            if (_coresSynchronize.Value)
            {
                _ = ProcessCalls.membarrier(ProcessCalls.SYS_membarrier, ProcessCalls.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
            }
        }
    }

    /// <summary>
    /// Lets the kernel read eight bytes there: with an invalid "how", rt_sigprocmask changes nothing, and says EFAULT where it could not read the
    /// set and EINVAL where it could. Unlike process_vm_readv it minds protection keys, and no sandbox forbids it.
    /// </summary>
    public override bool CanRead(nuint address)
    {
        nint result = ProcessCalls.syscall(ProcessCalls.SYS_rt_sigprocmask, -1, address, 0, sizeof(ulong));
        return result == 0 || Errno.Last("rt_sigprocmask").Code != Errno.EFAULT;
    }
}
