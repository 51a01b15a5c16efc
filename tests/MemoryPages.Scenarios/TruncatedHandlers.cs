using System.Runtime.InteropServices;
using MemoryPages.Testing;
using static MemoryPages.Scenarios.TruncatedFile;

namespace MemoryPages.Scenarios;

/// <summary>
/// Others in the process who set a handler for SIGBUS. The stranger's is _exit of the C library: called with the signal's number, it ends with 7.
/// </summary>
internal static unsafe class TruncatedHandlers
{
    private static nint Stranger { get; } = NativeLibrary.GetExport(NativeLibrary.Load("libc", typeof(TruncatedHandlers).Assembly, null), "_exit");

    /// <summary>Flags and mask are those that the runtime chose; ours are the same.</summary>
    [Scenario]
    public static int HandlerKeepsFlagsAndMask(string[] arguments)
    {
        using var file = new TruncatedFile(2);
        Kernel.Action before = Kernel.BusErrorAction;
        Pages.Map(file.Path).Dispose();
        Is(Kernel.BusErrorAction.Handler == before.Handler, "installed without being asked for");
        Pages.Map(file.Path, Surviving).Dispose();
        Kernel.Action after = Kernel.BusErrorAction;
        Is(after.Handler != before.Handler && after.Flags == before.Flags && after.Restorer == before.Restorer, "flags");
        Is(after.Mask[0] == before.Mask[0], "mask"); // the C library tells of as many signals as the kernel has: 64
        SystemMap code = SystemMap.At((nuint)after.Handler)!;
        Is(code.Access == "r-xp" && code.End - code.Start == Page, code.Line);
        Pages.Map(file.Path, Surviving).Dispose();
        Is(Kernel.BusErrorAction.Handler == after.Handler, "installed twice");
        return 0;
    }

    /// <summary>Argument: which fault is the end, of the survivor under a stranger's handler, of a stranger under ours over it, or none.</summary>
    [Scenario]
    public static int StrangersHandlerOnTop(string[] arguments)
    {
        using var file = new TruncatedFile(8);
        using Pages<ReadOnly> first = Pages.Map(file.Path, Surviving);
        Put(Stranger);
        if (arguments[0] == "first")
        {
            file.SetLength(0);
            return first.Read<byte>(0); // the stranger does not pass on: ours is never asked
        }

        using Pages<ReadOnly> second = Pages.Map(file.Path, Surviving); // sees it, and goes over it
        using Pages<ReadOnly> plain = Pages.Map(file.Path);
        file.SetLength(0);
        Is(first.Read<byte>(0) == 0 && second.Read<byte>(0) == 0 && first.WasTruncated, "both survive");
        if (arguments[0] == "plain")
        {
            return plain.Read<byte>(0); // the stranger is asked, as it would be without us
        }

        file.Fill();
        Put(Stranger);
        LimitsTold.By(() => Pages.Map(file.Path, Surviving).Dispose());
        Is(TruncatedVerbs.Descriptors(file.Path) == 2, "a descriptor is left");
        using Pages<ReadOnly> without = Pages.Map(file.Path);
        Is(without.Read<byte>(0) == Content, "without the option");
        return 0;
    }

    /// <summary>Somebody sets the handler back that was there before ours: the next mapping comes in front again.</summary>
    [Scenario]
    public static int HandlerThatWasRestored(string[] arguments)
    {
        using var file = new TruncatedFile(8);
        Kernel.Action before = Kernel.BusErrorAction;
        using Pages<ReadOnly> plain = Pages.Map(file.Path);
        for (int i = 0; i < 5; i++)
        {
            using Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
            nint ours = Kernel.BusErrorAction.Handler;
            Kernel.BusErrorAction = before;
            using Pages<ReadOnly> again = Pages.Map(file.Path, Surviving);
            Is(Kernel.BusErrorAction.Handler == ours, "another one");
            file.SetLength(0);
            Is(pages.Read<byte>(0) == 0 && again.Read<byte>(0) == 0, "survive");
            file.Fill();
        }

        file.SetLength(0);
        Console.WriteLine("touching");
        Console.Out.Flush();
        return plain.Read<byte>(0); // the runtime's end
    }

    private static void Put(nint handler)
    {
        Kernel.Action action = Kernel.BusErrorAction;
        action.Handler = handler;
        Kernel.BusErrorAction = action;
    }
}
