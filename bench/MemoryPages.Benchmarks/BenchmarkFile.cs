using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>A file of one gibibyte, made when the first benchmark needs it and gone with the process. What is measured on it depends on the disk that it is on.</summary>
internal static class BenchmarkFile
{
    public const int Length = 1 << 30;

    /// <summary>Bytes that are written at once where nothing else is said; no system keeps a file in larger pieces.</summary>
    public const int LargestPiece = 1 << 22;

    private static readonly Lazy<string> s_path = new(Make);

    /// <summary>The folder that the user names with <c>--folder</c>; the system's folder for temporary files without.</summary>
    public static string Folder { get; set; } = System.IO.Path.GetTempPath();

    public static string Path => s_path.Value;

    /// <summary>
    /// In memory, all of it, as who has just written it finds it: in the largest pieces that the file system keeps. Pieces that read-ahead brought are smaller,
    /// and take more entries in the page tables.
    /// </summary>
    public static void Warm(int piece = LargestPiece)
    {
        Evict();
        using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.Write);
        Write(file, piece);
    }

    /// <summary>Out of memory, all of it: no privilege is needed for one's own clean pages.</summary>
    public static void Evict()
    {
        using SafeFileHandle file = File.OpenHandle(Path);
        RawSystem.DropFromCache(file, 0, Length);
    }

    /// <summary>The same of a part.</summary>
    public static void Evict(int offset, int length)
    {
        using SafeFileHandle file = File.OpenHandle(Path);
        RawSystem.DropFromCache(file, offset, length);
    }

    /// <summary>Why a cold file cannot be had here, or null.</summary>
    public static string? ColdObstacle()
    {
        if (!s_path.IsValueCreated)
        {
            return null; // no benchmark of this run needs it
        }

        Evict();
        using Pages<ReadWrite> pages = Pages.MapShared(Path); // to write: only then does the kernel say which pages it has
        nuint left = pages.CountResidentBytes();
        return left < Length / 100 ? null : $"the system keeps {left:N0} bytes of a file in memory that it was told to drop (a file system in memory?)";
    }

    private static string Make()
    {
        string path = System.IO.Path.Combine(Folder, $"memorypages-bench-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path); // also where the user interrupts the run
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        Write(file, LargestPiece);
        return path;
    }

    private static void Write(SafeFileHandle file, int length)
    {
        byte[] piece = new byte[length];
        System.Security.Cryptography.RandomNumberGenerator.Fill(piece); // not zeros, of which some disks store nothing
        for (long offset = 0; offset < Length; offset += length)
        {
            BitConverter.TryWriteBytes(piece, offset);
            RandomAccess.Write(file, piece, offset);
        }

        RandomAccess.FlushToDisk(file);
    }
}
