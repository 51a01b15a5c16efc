using System.Numerics;
using System.Runtime.InteropServices;
using MemoryPages.Unsafe;
using static MemoryPages.Scenarios.TruncatedFile;

namespace MemoryPages.Scenarios;

/// <summary>Ordinary accesses to pages whose file another process has cut off.</summary>
internal static unsafe class TruncatedReads
{
    /// <summary>
    /// Maps, lets the file be cut off to two pages and five bytes, and accesses it. Arguments: "plain" or "survive", and a way of
    /// <see cref="Access"/>.
    /// </summary>
    [Scenario]
    public static int AccessTruncated(string[] arguments)
    {
        using var file = new TruncatedFile(64);
        bool survives = arguments[0] == "survive";
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { SurviveTruncation = survives });
        int left = (2 * (int)Page) + 5;
        file.SetLength((nuint)left);
        Console.WriteLine("touching");
        Console.Out.Flush();
        Access(pages, arguments[1]);
        if (!survives)
        {
            return 1;
        }

        Is(pages.WasTruncated, "WasTruncated");
        using (ReadView view = pages.Read())
        {
            if (arguments[1] is not ("Write" or "Fill" or "Clear" or "Atomic"))
            {
                CheckContent(view.Span, left);
            }
        }

        TruncationFacts facts = pages.Truncation;
        Is(facts.Faults > 0 && facts.Missing == file.Length - (nuint)left, facts.ToString());
        Is(facts.Replaced == PageRange.FromBounds(3 * Page, file.Length), facts.ToString());
        Is(new FileInfo(file.Path).Length == left, "the file was made longer");
        return 0;
    }

    /// <summary>Cut off within the last page: no access is a fault, and still it is known.</summary>
    [Scenario]
    public static int TruncatedWithinTheLastPage(string[] arguments)
    {
        using var file = new TruncatedFile(2);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
        Is(!pages.WasTruncated, "too early");
        file.SetLength(Page + 100);
        using (ReadView view = pages.Read())
        {
            CheckContent(view.Span, (int)Page + 100);
        }

        TruncationFacts facts = pages.Truncation;
        Is(pages.WasTruncated && facts is { Faults: 0, Replaced.Length: 0 } && facts.Missing == Page - 100, facts.ToString());
        file.Fill();
        Is(pages.WasTruncated && pages.Truncation.Missing == 0, "what was asked once is remembered");
        pages.Refresh();
        Is(!pages.WasTruncated, "refreshed");

        // A part that ends before the file does has lost nothing while the file reaches its end.
        using Pages<ReadOnly> part = Pages.Map(file.Path, new() { Offset = 10, Length = Page, SurviveTruncation = true });
        file.SetLength(Page + 10);
        Is(!part.WasTruncated, "the part is whole");
        file.SetLength(Page + 9);
        Is(part.WasTruncated && part.Truncation.Missing == 1, "the part is not whole");
        return 0;
    }

    /// <summary>Copies on write are gone with the file's pages under them, as the kernel has it, and come back as the file's.</summary>
    [Scenario]
    public static int TruncatedCopiesOnWrite(string[] arguments)
    {
        using var file = new TruncatedFile(4);
        using Pages<ReadWrite> pages = Pages.MapCopyOnWrite(file.Path, Surviving);
        pages.Write(0, (byte)8);
        pages.Write(2 * Page, (byte)9);
        file.SetLength(Page);
        Is(pages.Read<byte>(2 * Page) == 0 && pages.Read<byte>(0) == 8 && pages.WasTruncated, "the copy beyond the end is gone");
        file.Fill();
        pages.Refresh();
        Is(pages.Read<byte>(2 * Page) == Content && pages.Read<byte>(0) == 8, "the other copy stays");
        pages.Write(2 * Page, (byte)7);
        Is(File.ReadAllBytes(file.Path).AsSpan().IndexOfAnyExcept(Content) < 0, "the file stays as it is");
        return 0;
    }

    /// <summary>70,000 pages in disorder: more than the process may have mappings.</summary>
    [Scenario]
    public static int TruncatedFarAndWide(string[] arguments)
    {
        const int Count = 70_000;
        using var file = new TruncatedFile(1);
        file.SetLength(Count * Page);
        using Pages<ReadOnly> pages = Pages.Map(file.Path, Surviving);
        nuint address = (nuint)pages.DangerousPointer();
        file.SetLength(Page);
        for (int i = 1; i < Count; i++)
        {
            nuint page = ((nuint)i * 48_271 % (Count - 1)) + 1; // each once
            Is(pages.Read<byte>(page * Page) == 0, "not zero");
        }

        int mappings = MappingsIn(address, Count * Page);
        Console.WriteLine($"{pages.Truncation.Faults} faults, {mappings} mappings");
        Is(pages.Truncation.Faults is > 256 and < 400 && mappings < 600, "the tail was not replaced at once");
        Is(pages.Read<byte>(0) == Content, "what is left");
        return 0;
    }

    /// <summary>Cuts a file of huge pages off; such a page is replaced whole. Argument: a folder on hugetlbfs.</summary>
    [Scenario]
    public static int TruncatedHugePages(string[] arguments)
    {
        nuint huge = PageSize.TransparentHuge;
        string path = Path.Combine(arguments[0], "memorypages-" + Path.GetRandomFileName());
        try
        {
            using (FileStream stream = File.Create(path))
            {
                stream.SetLength(2 * (long)huge);
            }

            using Pages<ReadWrite> pages = Pages.MapShared(path, Surviving);
            pages.Write(5, (byte)7);
            pages.Write(huge + 5, (byte)8);
            using (FileStream stream = File.OpenWrite(path))
            {
                stream.SetLength((long)huge);
            }

            Is(pages.Read<byte>(huge + 5) == 0 && pages.Read<byte>((2 * huge) - 1) == 0, "not zero");
            Is(pages.Read<byte>(5) == 7 && pages.Truncation.Faults == 1, "what is left");
            return 0;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// A fault in a mapping that was not asked to survive, beside one that was: the runtime's usual end. Argument: survivors first.
    /// </summary>
    [Scenario]
    public static int StrangersFault(string[] arguments)
    {
        using var file = new TruncatedFile(4);
        using Pages<ReadOnly>? survivor = arguments[0] == "beside" ? Pages.Map(file.Path, Surviving) : null;
        using Pages<ReadOnly> stranger = Pages.Map(file.Path);
        file.SetLength(0);
        Is(survivor is null || survivor.Read<byte>(Page) == 0, "the survivor");
        try
        {
            string? nothing = arguments.Length > 5 ? "" : null;
            _ = nothing!.Length;
            return 1;
        }
        catch (NullReferenceException)
        {
            // the runtime's other handler is as good as ever
        }

        Console.WriteLine("touching");
        Console.Out.Flush();
        return stranger.Read<byte>(Page) == 0 ? 2 : 3;
    }

    /// <summary>Each a different way into the file's bytes: the processor's own instructions, the runtime's and the C library's routines.</summary>
    public static void Access(Pages<ReadWrite> pages, string way)
    {
        using WriteView view = pages.Write();
        Span<byte> bytes = view.Span;
        byte[] copy = new byte[bytes.Length];
        switch (way)
        {
            case "Loop":
                int sum = 0;
                foreach (byte value in bytes)
                {
                    sum += value;
                }

                Is(sum == (2 * (int)Page) + 5, "the sum");
                break;
            case "Vector":
                Vector<byte> all = default;
                foreach (Vector<byte> vector in MemoryMarshal.Cast<byte, Vector<byte>>(bytes))
                {
                    all |= vector;
                }

                Is(all == Vector<byte>.One, "the sum of vectors");
                break;
            case "CopyTo":
                bytes.CopyTo(copy);
                CheckContent(copy, (2 * (int)Page) + 5);
                break;
            case "MemoryCopy":
                fixed (byte* target = copy)
                {
                    Buffer.MemoryCopy(pages.DangerousPointer(), target, copy.Length, copy.Length);
                }

                CheckContent(copy, (2 * (int)Page) + 5);
                break;
            case "IndexOf":
                Is(bytes.IndexOf((byte)2) < 0, "a value that is nowhere");
                break;
            case "Equals":
                Is(!bytes.SequenceEqual(copy) && bytes[(3 * (int)Page)..].SequenceEqual(copy.AsSpan(3 * (int)Page)), "equality");
                break;
            case "Write":
                for (int i = 0; i < bytes.Length; i++)
                {
                    bytes[i] = 3;
                }

                break;
            case "Fill":
                bytes.Fill(3);
                break;
            case "Clear":
                bytes.Clear();
                break;
            case "Atomic":
                Is(Interlocked.Increment(ref MemoryMarshal.AsRef<int>(bytes[(3 * (int)Page)..])) == 1, "atomic");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(way), way, "There is no such way.");
        }
    }
}
