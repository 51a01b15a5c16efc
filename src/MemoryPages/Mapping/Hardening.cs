namespace MemoryPages.Mapping;

/// <summary>
/// Whether the process asked for hardened mode: quarantine of freed ranges, guard pages around allocations, allocation stacks in leak reports.
/// </summary>
/// <remarks>Decided once, when the library is first used: a static readonly field, so that the JIT removes what is off.</remarks>
internal static class Hardening
{
    /// <summary>The environment variable <c>MEMORYPAGES_HARDENED=1</c>, or the AppContext switch <c>MemoryPages.Hardened</c>.</summary>
    public static readonly bool IsOn = AppContext.TryGetSwitch("MemoryPages.Hardened", out bool isOn)
        ? isOn
        : Environment.GetEnvironmentVariable("MEMORYPAGES_HARDENED") is "1" or "true";
}
