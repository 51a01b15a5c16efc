using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Accesses that the processor must refuse: each ends the process.</summary>
internal static unsafe class Deaths
{
    [Scenario]
    public static int WriteToReadOnly(string[] arguments)
    {
        using Pages<ReadOnly> pages = Pages.Allocate(1).DenyWrite();
        *pages.DangerousPointer() = 1;
        return 0;
    }

    [Scenario]
    public static int ReadNoAccess(string[] arguments)
    {
        using Pages<NoAccess> pages = Pages.Allocate<NoAccess>(1);
        return *pages.DangerousPointer();
    }
}
