using System.Diagnostics;
using System.Globalization;
using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>A file of ones, nowhere zero, that another process cuts off and makes longer again.</summary>
internal sealed class TruncatedFile : IDisposable
{
    public const byte Content = 1;

    public static readonly nuint Page = PageSize.Base;

    public TruncatedFile(nuint pages, string? folder = null)
    {
        Length = pages * Page;
        Path = System.IO.Path.Combine(folder ?? System.IO.Path.GetTempPath(), "memorypages-" + System.IO.Path.GetRandomFileName());
        Fill();
    }

    public string Path { get; }

    public nuint Length { get; }

    public static FileMapOptions Surviving { get; } = new() { SurviveTruncation = true };

    /// <summary>By truncate(1): a process that knows nothing of us.</summary>
    public void SetLength(nuint length)
    {
        using Process process = Process.Start("truncate", ["-s", length.ToString(CultureInfo.InvariantCulture), Path]);
        process.WaitForExit();
        LimitsTold.Check(process.ExitCode == 0, "truncate");
    }

    /// <summary>Ones again, from the first byte to the last.</summary>
    public void Fill()
    {
        using var stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        byte[] page = new byte[Page];
        page.AsSpan().Fill(Content);
        for (nuint written = 0; written < Length; written += Page)
        {
            stream.Write(page);
        }
    }

    /// <summary>
    /// Only what is left of the file is its content, and all else reads zero; the last page that is left is zero behind the file's end.
    /// </summary>
    public static void CheckContent(ReadOnlySpan<byte> bytes, int left)
    {
        LimitsTold.Check(bytes[..left].IndexOfAnyExcept(Content) < 0, "what the file still has changed");
        LimitsTold.Check(bytes[left..].IndexOfAnyExcept((byte)0) < 0, "what the file has not is not zero");
    }

    public static void Is(bool isSo, string what) => LimitsTold.Check(isSo, what);

    public void Dispose() => File.Delete(Path);

    /// <summary>The mappings that lie in a range, for counting.</summary>
    public static int MappingsIn(nuint start, nuint length) => SystemMap.Between(start, start + length).Count;
}
