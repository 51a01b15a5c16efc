using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Files;

/// <summary>What the system says of a file and of the pages that are mapped of it.</summary>
internal static unsafe class FileWitness
{
    public static bool IsMapped(string path) => File.ReadLines(Needed.File("/proc/self/maps")).Any(line => line.EndsWith(path));

    public static bool IsOpen(string path) => new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Any(descriptor => descriptor.LinkTarget == path);

    /// <summary>The kernel's mapping that holds their first byte.</summary>
    public static SystemMap RegionOf<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection => SystemMap.At((nuint)pages.DangerousPointer())!;

    public static byte[] Bytes<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IReadable
    {
        var bytes = new byte[pages.Length];
        pages.CopyTo(0, bytes);
        return bytes;
    }
}
