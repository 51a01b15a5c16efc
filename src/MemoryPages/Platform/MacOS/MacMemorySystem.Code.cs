using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Platform.MacOS;

/// <summary>Memory that holds code.</summary>
internal sealed partial class MacMemorySystem
{
    public override bool SealingSupported => false;

    /// <summary>
    /// The system's own way to write code is a switch of the whole thread (<c>MAP_JIT</c>), which managed code cannot use; what is mapped twice never changes its
    /// protection, so that nothing of that way's rules applies.
    /// </summary>
    public override bool PrefersDualMappedCode => true;

    /// <summary>Both processors that macOS runs on let be read what may be written or run, and the kernel adds that right itself.</summary>
    public override PageProtection EffectiveProtection(PageProtection requested) =>
        requested == PageProtection.None ? requested : requested | PageProtection.Read;

    public override void PublishCode(nuint address, nuint length) => SystemCalls.sys_icache_invalidate(address, length);

    /// <remarks>VM_FLAGS_PERMANENT, which comes nearest, is given to memory when it is mapped, and to nothing that is there.</remarks>
    public override SystemError Seal(nuint address, nuint length) => MacErrors.NotSupported("mprotect");
}
