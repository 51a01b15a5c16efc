using System.Runtime.InteropServices;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>One access to a page of one protection: the process ends where the processor refuses.</summary>
internal static unsafe class EffectsProtection
{
    [Scenario]
    public static int TryAccess(string[] arguments) => arguments[0] switch
    {
        "NoAccess" => Try<NoAccess>(arguments[1]),
        "ReadOnly" => Try<ReadOnly>(arguments[1]),
        "ReadWrite" => Try<ReadWrite>(arguments[1]),
        "WriteOnly" => Try<WriteOnly>(arguments[1]),
        "ExecuteOnly" => Try<ExecuteOnly>(arguments[1]),
        "ReadExecute" => Try<ReadExecute>(arguments[1]),
        _ => 1,
    };

    private static int Try<TProtection>(string access)
        where TProtection : struct, IProtection
    {
        using Pages<ReadWrite> fresh = Pages.Allocate(1);
        fresh.CopyFrom(0, RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? [0xC0, 0x03, 0x5F, 0xD6] : [0xC3]); // return
        using Pages<TProtection> pages = fresh.Protect<TProtection>();
        byte* pointer = pages.DangerousPointer();
        switch (access)
        {
            case "Read":
                return *pointer is 0xC0 or 0xC3 ? 0 : 2;
            case "Write":
                *pointer = 1;
                return 0;
            default:
                ((delegate* unmanaged<void>)pointer)();
                return 0;
        }
    }
}
