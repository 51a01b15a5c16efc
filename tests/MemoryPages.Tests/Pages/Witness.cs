using MemoryPages.Unsafe;

namespace MemoryPages.Tests;

/// <summary>What the system says of the library's pages.</summary>
internal static unsafe class Witness
{
    private static nuint s_lonely = (nuint)1 << 36;

    public static nuint Page => PageSize.Base;

    /// <summary>
    /// An address where the system puts nothing by itself, another each time: what is mapped there is the library's, and what is not was unmapped by it.
    /// </summary>
    public static nuint Lonely => s_lonely += 1 << 28;

    /// <summary>Pages at an address where the system puts nothing by itself.</summary>
    public static Pages<ReadWrite> AllocateLonely(nuint length, string? name = null) => Pages.Allocate(length, new() { NearAddress = Lonely, Name = name });

    /// <summary>Their address. Marks them as having raw pointers: no matter, except to what the finalizer does.</summary>
    public static nuint AddressOf<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection => (nuint)pages.DangerousPointer();

    /// <summary>Their address, without a raw pointer of theirs being known to anyone.</summary>
    public static nuint QuietAddressOf(Pages<ReadWrite> pages)
    {
        using WriteView view = pages.Write();
        return (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref view[0]);
    }

    /// <summary>The access of all of them in smaps; fails where a part is unmapped or differs.</summary>
    public static string AccessOf<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection => AccessAt(AddressOf(pages), pages.Length);

    public static string AccessAt(nuint address, nuint length)
    {
        List<SystemMap> regions = SystemMap.Between(address, address + length);
        nuint mapped = regions.Aggregate((nuint)0, (sum, r) => sum + Math.Min(r.End, address + length) - Math.Max(r.Start, address));
        Assert.Equal(length, mapped);
        return Assert.Single(regions.Select(r => r.Access).Distinct());
    }

    /// <summary>By mincore(2), which fails where nothing is mapped: smaps is too slow for what is asked many times.</summary>
    public static bool IsMapped(nuint address)
    {
        if (OperatingSystem.IsWindows())
        {
            return SystemMap.At(address) is not null;
        }

        byte resident;
        return Kernel.Residency((nint)address, 1, &resident) == 0;
    }

    /// <summary>The access string that smaps must show for private memory under a protection of the library.</summary>
    public static string Expected<TProtection>()
        where TProtection : struct, IProtection => Expected(typeof(TProtection));

    public static string Expected(Type protection) =>
        protection == typeof(NoAccess) ? "---p"
        : protection == typeof(ReadOnly) ? "r--p"
        : protection == typeof(ReadWrite) ? "rw-p"
        : protection == typeof(WriteOnly) ? OperatingSystem.IsWindows() ? "rw-p" : "-w-p" // Windows has no memory that is only written
        : protection == typeof(ExecuteOnly) ? "--xp"
        : protection == typeof(ReadExecute) ? "r-xp"
        : throw new ArgumentException(protection.Name);

    /// <summary>How the system's error is called when it has no memory, or not enough addresses.</summary>
    public static string OutOfMemory => OperatingSystem.IsWindows() ? "ERROR_NOT_ENOUGH_MEMORY" : "ENOMEM";

    public static string MapFile => OperatingSystem.IsWindows() ? "CreateFileMapping" : "mmap";

    public static string NoAccess => OperatingSystem.IsWindows() ? "ERROR_ACCESS_DENIED" : "EACCES";

    public static string ProtectCall => OperatingSystem.IsWindows() ? "VirtualProtect" : "mprotect";

    public static string NoSuchProtection => OperatingSystem.IsWindows() ? "ERROR_INVALID_PARAMETER" : "EACCES";

    /// <summary>Bytes that differ from page to page.</summary>
    public static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31) + (i >> 8) + 1))];

    /// <summary>The bytes as the system holds them, whatever the protection, by /proc/self/mem.</summary>
    public static byte[] Content(nuint address, int length)
    {
        byte[] bytes = new byte[length];
        if (OperatingSystem.IsWindows())
        {
            WindowsKernel.WhileReadable(address, (nuint)length, () => Assert.True(SystemMap.TryReadProcess(address, bytes)));
            return bytes;
        }

        using FileStream memory = File.OpenRead("/proc/self/mem");
        memory.Position = (long)address;
        memory.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>Data for theories over protections: default values, so that a generic test method gets its type arguments from them.</summary>
public static class Protections
{
    private static readonly object[] s_all =
        [default(NoAccess), default(ReadOnly), default(ReadWrite), default(WriteOnly), default(ExecuteOnly), default(ReadExecute)];

    public static TheoryData<object> All => [.. s_all];

    public static TheoryData<object> Readable => [.. s_all.Where(p => p is IReadable)];

    public static TheoryData<object, object> Pairs
    {
        get
        {
            var pairs = new TheoryData<object, object>();
            foreach (object from in s_all)
            {
                foreach (object to in s_all)
                {
                    pairs.Add(from, to);
                }
            }

            return pairs;
        }
    }
}
