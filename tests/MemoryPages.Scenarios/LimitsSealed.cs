#pragma warning disable MP1002 // the system refuses: there is no result

using System.Runtime.InteropServices;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Pages that the kernel itself will not let anyone change: mseal(2), since Linux 6.10. Nothing undoes it, so it needs a process of its own.</summary>
internal static unsafe partial class LimitsSealed
{
    private const int SystemCallMseal = 462;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nuint address, nuint length, nuint flags);

    /// <summary>The first part could be changed, the second not: afterwards neither is.</summary>
    [Scenario]
    public static int ProtectOverSealedPart(string[] arguments)
    {
        Pages<ReadWrite> pages = Pages.Allocate(9 * PageSize.Base);
        pages.Write<long>(0, 42);
        pages.Advise(Advice.Random, new PageRange(3 * PageSize.Base, 3 * PageSize.Base));
        nuint address = (nuint)pages.DangerousPointer();
        if (SystemCall(SystemCallMseal, address + (6 * PageSize.Base), 3 * PageSize.Base, 0) != 0)
        {
            Console.WriteLine("no mseal");
            return 0;
        }

        LimitsTold.By(() => pages.Protect<ReadOnly>());
        string[] access = [.. SystemMap.Between(address, address + pages.Length).Select(map => map.Access)];
        LimitsTold.Check(access.Length != 0 && access.All(a => a == "rw-p"), $"half-way: {string.Join(' ', access)}");
        LimitsTold.Check(pages.IsUsable && pages.LeaseCount == 0, "not usable");
        pages.Write<long>(0, 43);
        return 0;
    }
}
