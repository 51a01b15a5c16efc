using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Files that grow, where system calls are interrupted, disks full and files limited.</summary>
internal static class GrowingFiles
{
    [Scenario]
    public static int GrowAndShrink(string[] arguments)
    {
        string path = arguments[0];
        using Pages<ReadWrite> pages = Pages.MapShared(path, 2 * PageSize.Base);
        LimitsTold.Check(new FileInfo(path).Length == 2 * (long)PageSize.Base, "created");
        pages.Resize(4 * PageSize.Base);
        LimitsTold.Check(new FileInfo(path).Length == 4 * (long)PageSize.Base, "grown");
        pages.Resize(1);
        LimitsTold.Check(new FileInfo(path).Length == 1, "shrunk");
        return 0;
    }

    /// <summary>In a folder that is the root of a small file system.</summary>
    /// <summary>What the file system still has room for, but not this user of it.</summary>
    [Scenario]
    public static int QuotaRunsOut(string[] arguments)
    {
        nuint tooMuch = 16 << 20;
        string path = Path.Combine(arguments[0], "file");
        LimitsTold.By(() => Pages.MapShared(path, tooMuch).Dispose());
        LimitsTold.Check(!File.Exists(path), "a file was left");

        nuint length = 1 << 20;
        using Pages<ReadWrite> pages = Pages.MapShared(path, length);
        pages.Write(length - 1, (byte)1);
        pages.Flush();
        LimitsTold.By(() => pages.Resize(tooMuch));
        bool isAsItWas = pages.Length == length && new FileInfo(path).Length == (long)length && pages.Read<byte>(length - 1) == 1;
        LimitsTold.Check(isAsItWas, "the file was resized");
        return 0;
    }

    [Scenario]
    public static int DiskRunsFull(string[] arguments)
    {
        string path = Path.Combine(arguments[0], "file");
        long free = Free();
        nuint tooMuch = 2 * (nuint)free;
        Console.WriteLine($"{free:N0} {tooMuch}");

        LimitsTold.By(() => Pages.MapShared(path, tooMuch).Dispose());
        LimitsTold.Check(!File.Exists(path) && Free() == free, "a file was left");

        File.WriteAllText(path, "content");
        LimitsTold.By(() => Pages.MapShared(path, tooMuch).Dispose());
        LimitsTold.Check(File.ReadAllText(path) == "content", "the file was changed");

        nuint length = (nuint)free / 4;
        using Pages<ReadWrite> pages = Pages.MapShared(path, length);
        pages.Write(length - 1, (byte)1);
        pages.Flush();
        long space = Kernel.AllocatedBytes(path);
        LimitsTold.By(() => pages.Resize(tooMuch));
        LimitsTold.Check(pages.Length == length && new FileInfo(path).Length == (long)length && Kernel.AllocatedBytes(path) == space, "the file was resized");

        // Filled to the last byte by others, everything that was allocated can be written.
        Fill(Path.Combine(arguments[0], "others"));
        using (WriteView view = pages.Write())
        {
            view.Span.Fill(2);
        }

        pages.Flush();
        File.Delete(Path.Combine(arguments[0], "others"));
        pages.Resize(2 * length);
        return 0;

        long Free() => new DriveInfo(arguments[0]).AvailableFreeSpace;
    }

    /// <summary>What the other tests spare: the first write to a page without space, on a full disk.</summary>
    [Scenario]
    public static int SparseOnFullDisk(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(Path.Combine(arguments[0], "file"), 100 * PageSize.Base, new() { Space = FileSpace.Sparse });
        Fill(Path.Combine(arguments[0], "others"));
        Console.WriteLine("full");
        using WriteView view = pages.Write();
        view.Span.Fill(1);
        return 0;
    }

    /// <summary>Two folders: the root of a file system, and that of another on which the first one's device is a file.</summary>
    [Scenario]
    public static int DeviceFails(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.MapShared(Path.Combine(arguments[0], "file"), 512 * PageSize.Base);
        pages.Flush();
        Fill(Path.Combine(arguments[1], "others"));
        using (WriteView view = pages.Write())
        {
            view.Span.Fill(1);
        }

        LimitsTold.By(() => pages.Flush());
        pages.Write(0, (byte)2); // the pages are as good as before, whatever the device is
        return 0;
    }

    private static void Fill(string path)
    {
        using FileStream stream = File.Create(path);
        byte[] chunk = new byte[PageSize.Base];
        try
        {
            while (true)
            {
                stream.Write(chunk);
                stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
