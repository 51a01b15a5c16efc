using System.Security.Cryptography;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>What the kernel says of a range and what the range holds: to be compared before and after something failed.</summary>
internal sealed record RangeState(string Mappings, string Content)
{
    public static RangeState Of(nuint address, nuint length) => new(MappingsOf(address, length), ContentOf(address, length));

    public static unsafe RangeState Of<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection => Of((nuint)pages.DangerousPointer(), pages.Length);

    /// <summary>One entry for each kernel mapping, cut to the range: neighbours of one kind may be joined to it, which is no change of it.</summary>
    private static string MappingsOf(nuint address, nuint length) => string.Join('\n', SystemMap.Between(address, address + length).Select(map =>
        $"{Math.Max(map.Start, address):x}-{Math.Min(map.End, address + length):x} {map.Access} {map.Flags} locked {map.Bytes("Locked")}"));

    /// <summary>Through /proc/self/mem, which minds no protection: reading what a bug made inaccessible must fail the test, not end the process.</summary>
    private static string ContentOf(nuint address, nuint length)
    {
        using FileStream memory = File.OpenRead(Needed.File("/proc/self/mem"));
        memory.Position = (long)address;
        byte[] content = new byte[length];
        memory.ReadExactly(content);
        return Convert.ToHexString(SHA256.HashData(content));
    }
}
