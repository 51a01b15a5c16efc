using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>What only hardened mode does. To be run with MEMORYPAGES_HARDENED=1.</summary>
internal static class Hardened
{
    /// <summary>With guards, addresses are reserved first and the memory is mapped into them: here that second step fails.</summary>
    [Scenario]
    public static int RefusedInReservation(string[] arguments)
    {
        nuint length = ((nuint)1 << 36) + PageSize.Base; // large enough to be seen in VmSize whatever the runtime does meanwhile
        long before = SystemMap.Status("VmSize");
        bool allocated = true;
        SystemCallFailure.During(
            () => allocated = Pages.TryAllocate(length, new() { NoReserve = true }, out _),
            new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, length));
        return allocated ? 1 : SystemMap.Status("VmSize") - before > (long)length / 2 ? 2 : 0;
    }
}
