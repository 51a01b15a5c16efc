using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Files;

/// <summary>A file that is gone afterwards. Its content is <see cref="Pattern"/>, written to the device: no page of it is dirty.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(nuint length)
        : this(System.IO.Path.GetTempPath())
    {
        using var stream = new FileStream(Path, FileMode.Create);
        stream.Write(Pattern.Bytes(length));
        stream.Flush(flushToDisk: true);
    }

    private TempFile(string folder) => Path = System.IO.Path.Combine(folder, "memorypages-" + System.IO.Path.GetRandomFileName());

    public string Path { get; }

    /// <summary>Read beside whoever else has it open.</summary>
    public byte[] Content
    {
        get
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
    }

    /// <summary>A file of holes: nothing of it is in memory until somebody reads it.</summary>
    public static TempFile Sparse(nuint length)
    {
        var file = new TempFile(System.IO.Path.GetTempPath());
        File.Create(file.Path).Dispose();
        file.Resize(length);
        return file;
    }

    public static TempFile InSharedMemory(nuint length)
    {
        var file = new TempFile("/dev/shm");
        File.WriteAllBytes(file.Path, Pattern.Bytes(length));
        return file;
    }

    public void Resize(nuint length)
    {
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.SetLength((long)length);
    }

    public void Dispose() => File.Delete(Path);
}
