using System.Runtime.InteropServices;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Transitions under limits that concern the whole process.</summary>
internal static unsafe class Transitions
{
    private const int DataLimit = 2; // RLIMIT_DATA

    /// <summary>
    /// A thread writes through a handle that is being spent: it waits while the kernel changes many resident pages, and must see then that the pages
    /// are another's. If it did not, it would write to pages that are read-only: the end of the process.
    /// </summary>
    [Scenario]
    public static int WriterBesideTransitions(string[] arguments)
    {
        Pages<ReadWrite> current = Pages.Allocate(64 << 20, new() { Populate = true });
        using var started = new SemaphoreSlim(0);
        for (int round = 0; round < 40; round++)
        {
            Pages<ReadWrite> writable = current;
            var writer = new Thread(() =>
            {
                started.Release();
                while (true)
                {
                    try
                    {
                        writable.Write(0, 1L);
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            });
            writer.Start();
            started.Wait();
            Pages<ReadOnly>? sealed_ = null;
            while (sealed_ is null)
            {
                try
                {
                    sealed_ = writable.DenyWrite();
                }
                catch (InvalidOperationException)
                {
                    // the writer is in
                }
            }

            writer.Join();
            current = sealed_.AllowWrite();
        }

        current.Dispose();
        return 0;
    }

    /// <summary>
    /// Advice makes three mappings of one; the limit on writable private memory, which the kernel checks for each as it comes to it, lets only the
    /// first become writable.
    /// </summary>
    [Scenario]
    public static int ProtectStopsHalfWay(string[] arguments)
    {
        nuint part = (nuint)1 << 30;
        using Pages<ReadOnly> pages = Pages.Allocate<ReadOnly>(3 * part, new() { NoReserve = true });
        pages.Advise(Advice.DontDump, new(part, part));
        nuint address = (nuint)pages.DangerousPointer();
        if (!All("r--p", 3))
        {
            return Fail("The advice did not split the mapping: this proves nothing.");
        }

        ulong now = (ulong)SystemMap.Status("VmData");
        var limit = new Kernel.Limit(now + (part * 3 / 2), ulong.MaxValue);
        if (Kernel.SetLimit(DataLimit, &limit) != 0)
        {
            return Fail($"setrlimit: {Marshal.GetLastPInvokeError()}");
        }

        // First the kernel itself, to see that it does stop half-way, and put it back.
        if (Kernel.Protect((nint)address, 3 * part, 3) == 0 || !SystemMap.At(address)!.Access.StartsWith("rw") || All("rw-p", 3)
            || Kernel.Protect((nint)address, 3 * part, 1) != 0)
        {
            return Fail("The kernel did not stop half-way: this proves nothing.");
        }

        try
        {
            using Pages<ReadWrite> writable = pages.Protect<ReadWrite>();
            return Fail("It was granted.");
        }
        catch (MemoryPagesException e) when (e.ErrorSymbol == "ENOMEM")
        {
            return !All("r--p", 3) ? Fail("A part stayed writable.")
                : !pages.IsUsable || pages.LeaseCount != 0 ? Fail("The pages were not given back.")
                : pages.Read<int>(0);
        }

        bool All(string access, int regions)
        {
            List<SystemMap> found = SystemMap.Between(address, address + (3 * part));
            return found.Count == regions && found.All(r => r.Access == access);
        }

        static int Fail(string why)
        {
            Console.Error.WriteLine(why);
            return 1;
        }
    }
}
