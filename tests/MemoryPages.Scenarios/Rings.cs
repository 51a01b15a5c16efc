using MemoryPages.Testing;
using System.Runtime.InteropServices;

namespace MemoryPages.Scenarios;

/// <summary>Rings that a limit of the process forbids. Each prints the message that the program gets.</summary>
internal static unsafe partial class Rings
{
    private const int FileSize = 1;
    private const int FileDescriptors = 7;
    private const int Addresses = 9;

    [Scenario]
    public static int RingBeyondFileSizeLimit(string[] arguments)
    {
        const nuint Limit = 1 << 20;
        return Limited(FileSize, Limit, Limit + 1);
    }

    /// <summary>Room for one half, and not for two.</summary>
    [Scenario]
    public static int RingBeyondAddressLimit(string[] arguments)
    {
        const nuint Length = (nuint)1 << 30;
        MirroredBuffer.Create(1).Dispose(); // the library is loaded, and the runtime has what it needs
        string size = File.ReadLines(Needed.File("/proc/self/status")).First(line => line.StartsWith("VmSize:", StringComparison.Ordinal));
        ulong taken = ulong.Parse(size.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        return Limited(Addresses, taken + (Length * 3 / 2), Length);
    }

    [Scenario]
    public static int RingWithoutDescriptors(string[] arguments)
    {
        MirroredBuffer.Create(1).Dispose();
        return Limited(FileDescriptors, 0, 1);
    }

    private static string? Refusal(nuint length)
    {
        try
        {
            MirroredBuffer.Create(length).Dispose();
            return null;
        }
        catch (MemoryPagesException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>The soft limit only, and for this one call: the hard one is left, so that anyone may.</summary>
    private static int Limited(int resource, ulong limit, nuint length)
    {
        _ = Refusal(nuint.MaxValue); // what the runtime loads for an exception is loaded
        ulong* before = stackalloc ulong[2];
        _ = getrlimit(resource, before);
        ulong* now = stackalloc ulong[2];
        (now[0], now[1]) = (limit, before[1]);
        if (setrlimit(resource, now) != 0)
        {
            return 2;
        }

        string? refusal = null;
        try
        {
            refusal = Refusal(length);
        }
        finally
        {
            _ = setrlimit(resource, before);
        }

        Console.WriteLine(refusal);
        return refusal is null ? 1 : 0;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ulong* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong* limits);
}
