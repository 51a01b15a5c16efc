using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Raw accesses: those that the protection lacks end the process.</summary>
internal static unsafe class Deaths
{
    /// <summary>Says what the processor grants, then does one access. Arguments: a protection, and Read, Write or Execute.</summary>
    [Scenario]
    public static int Access(string[] arguments) => arguments[0] switch
    {
        nameof(NoAccess) => Access<NoAccess>(arguments[1]),
        nameof(ReadOnly) => Access<ReadOnly>(arguments[1]),
        nameof(ReadWrite) => Access<ReadWrite>(arguments[1]),
        nameof(WriteOnly) => Access<WriteOnly>(arguments[1]),
        nameof(ExecuteOnly) => Access<ExecuteOnly>(arguments[1]),
        nameof(ReadExecute) => Access<ReadExecute>(arguments[1]),
        _ => 71,
    };

    private static int Access<TProtection>(string access)
        where TProtection : struct, IProtection
    {
        const byte Return = 0xC3;
        Pages<ReadWrite> start = Pages.Allocate(1);
        start.Write(0, Return);
        using Pages<TProtection> pages = start.Protect<TProtection>();
        Console.WriteLine(pages.EffectiveProtection);
        Console.Out.Flush();
        byte* pointer = pages.DangerousPointer();
        switch (access)
        {
            case "Read":
                if (*pointer != Return)
                {
                    return 72;
                }

                break;
            case "Write":
                *pointer = 1;
                break;
            default:
                ((delegate* unmanaged<void>)pointer)();
                break;
        }

        Console.WriteLine("survived");
        return 0;
    }
}
