using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using MemoryPages.Platform;
using MemoryPages.Testing;
using static MemoryPages.Scenarios.TruncatedFile;

namespace MemoryPages.Scenarios;

/// <summary>
/// Two processes of four threads each truncate, extend, map, read, write and unmap the same files, with collections in between. Nobody dies, every
/// byte that is read is the file's or zero, and at the end nothing is left.
/// </summary>
internal static class TruncationSoak
{
    private const int Files = 3;
    private const int Threads = 4;
    private static readonly nuint s_most = 600 * Page;

    /// <summary>Argument: seconds. Runs the second process too.</summary>
    [Scenario]
    public static int Soak(string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("memorypages-soak-");
        try
        {
            for (int i = 0; i < Files; i++)
            {
                using (File.Create(Path.Combine(folder.FullName, i.ToString(CultureInfo.InvariantCulture))))
                {
                    // empty at first
                }
            }

            string program = Path.Combine(AppContext.BaseDirectory, "MemoryPages.Scenarios.dll");
            using Process other = Process.Start(Environment.ProcessPath!, [program, nameof(SoakOf), folder.FullName, arguments[0]]);
            try
            {
                _ = SoakOf([folder.FullName, arguments[0]]);
            }
            finally
            {
                other.WaitForExit(); // it has the files open
            }

            return other.ExitCode;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One of the two processes. Arguments: the folder, seconds.</summary>
    [Scenario]
    public static int SoakOf(string[] arguments)
    {
        string[] paths = Directory.GetFiles(arguments[0]);
        var watch = Stopwatch.StartNew();
        TimeSpan duration = TimeSpan.FromSeconds(int.Parse(arguments[1], CultureInfo.InvariantCulture));
        using (Pages<ReadOnly> first = Pages.Map(typeof(Pages).Assembly.Location, Surviving))
        {
            Is(!first.WasTruncated, "the handler is installed");
        }

        TruncationSurvival survival = MemorySystem.Current.TruncationSurvival!;
        int mappings = SystemMap.Count();
        var total = new Tally();
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            try
            {
                var worker = new Worker(paths, (ulong)(number + 1) * (ulong)Environment.ProcessId);
                while (watch.Elapsed < duration && Volatile.Read(ref failure) is null)
                {
                    worker.Turn();
                }

                worker.End();
                lock (total)
                {
                    total.Add(worker.Tally);
                }
            }
            catch (Exception exception)
            {
                Volatile.Write(ref failure, exception);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Is(failure is null, failure?.ToString() ?? "");

        Console.WriteLine($"{total.Turns} turns, {total.Faults} faults, {total.Truncated} pages said so, {GC.CollectionCount(0)} collections");
        Is(total is { Turns: > 100, Faults: > 100 }, "too little happened");
        Is(survival.Count == 0, $"{survival.Count} ranges are left");
        Is(paths.Sum(TruncatedVerbs.Descriptors) == 0, "a descriptor is left");
        Is(!File.ReadLines(Needed.File("/proc/self/maps")).Any(line => line.Contains(arguments[0])), "a mapping is left");

        // The garbage collector's own come by the hundred; if ours were left there would be one for each fault.
        int more = SystemMap.Count() - mappings;
        Is(more < 2000, $"{more} mappings more than before");
        return 0;
    }

    private sealed class Tally
    {
        public long Turns { get; set; }

        public ulong Faults { get; set; }

        public long Truncated { get; set; }

        public void Add(Tally other)
        {
            Turns += other.Turns;
            Faults += other.Faults;
            Truncated += other.Truncated;
        }
    }

    private sealed class Worker(string[] paths, ulong seed)
    {
        private readonly byte[] _buffer = new byte[s_most];
        private readonly byte[] _ones = [.. Enumerable.Repeat(Content, (int)s_most)];
        private ulong _noise = seed;
        private Pages<ReadWrite>? _kept;

        public Tally Tally { get; } = new();

        public void Turn()
        {
            Tally.Turns++;
            string path = paths[Next(paths.Length)];
            switch (Next(10))
            {
                case < 2:
                    SetLength(path, (nuint)Next((int)s_most));
                    break;
                case 2:
                    SetLength(path, 0);
                    break;
                case < 5:
                    using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    {
                        RandomAccess.Write(file, _ones.AsSpan(0, 1 + Next((int)s_most - 1)), 0);
                    }

                    break;
                case 5:
                    Keep(path);
                    break;
                case 6 when _kept is not null:
                    Use(_kept);
                    Change();
                    break;
                case 7:
                    GC.Collect(Next(2));
                    break;
                default:
                    Pages<ReadWrite> pages = Map(path);
                    Use(pages);
                    Note(pages);
                    break;
            }
        }

        public void End() => Note(_kept);

        private static void SetLength(string path, nuint length)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength((long)length);
        }

        /// <summary>The file may be shorter already than it was when it was asked: then there is nothing to map at that offset.</summary>
        private Pages<ReadWrite> Map(string path)
        {
            try
            {
                return Pages.MapShared(path, new() { Offset = Next((int)Page), SurviveTruncation = true });
            }
            catch (ArgumentOutOfRangeException)
            {
                return Pages.MapShared(path, Surviving);
            }
        }

        private void Keep(string path)
        {
            Note(_kept);
            _kept = Map(path);
        }

        private void Note(Pages<ReadWrite>? pages)
        {
            if (pages is not null)
            {
                Tally.Faults += pages.Truncation.Faults;
                Tally.Truncated += pages.WasTruncated ? 1 : 0;
                pages.Dispose();
            }
        }

        /// <summary>What changes where the pages are, what they show and how they are protected.</summary>
        private void Change()
        {
            if (_kept!.Length == 0)
            {
                return;
            }

            switch (Next(3))
            {
                case 0:
                    Tally.Faults += _kept.Truncation.Faults; // forgotten then
                    _kept.Refresh();
                    break;
                case 1:
                    _kept.Resize(1 + (nuint)Next((int)s_most), mayMove: true);
                    break;
                default:
                    _kept = _kept.DenyWrite().AllowWrite();
                    break;
            }
        }

        private void Use(Pages<ReadWrite> pages)
        {
            if (Next(4) == 0)
            {
                int length = (int)pages.Length;
                bool whole = pages.TryCopyTo(0, _buffer.AsSpan(0, Math.Min(length, _buffer.Length)), out int copied);
                Is(whole == (copied == Math.Min(length, _buffer.Length)), "the count of a copy");
                Check(_buffer.AsSpan(0, copied));
            }

            using WriteView view = pages.Write();
            Span<byte> bytes = view.Span;
            switch (Next(4))
            {
                case 0:
                    foreach (byte value in bytes)
                    {
                        Is(value is 0 or Content, "a byte that nobody wrote");
                    }

                    break;
                case 1:
                    Span<byte> copy = _buffer.AsSpan(0, Math.Min(bytes.Length, _buffer.Length));
                    bytes[..copy.Length].CopyTo(copy);
                    Check(copy);
                    break;
                case 2:
                    for (int i = 0; i < bytes.Length; i += 1 + Next((int)Page))
                    {
                        bytes[i] = Content;
                    }

                    break;
                default:
                    Check(bytes);
                    break;
            }

            Is(_noise != 0, "noise");
        }

        /// <summary>Nothing but zeros and ones: other bits are of somebody else.</summary>
        private static void Check(ReadOnlySpan<byte> bytes)
        {
            Vector<byte> all = default;
            ReadOnlySpan<Vector<byte>> vectors = MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
            foreach (Vector<byte> vector in vectors)
            {
                all |= vector;
            }

            Is((all & ~Vector<byte>.One) == default, "bits that nobody wrote");
            Is(bytes[(vectors.Length * Vector<byte>.Count)..].IndexOfAnyExcept((byte)0, Content) < 0, "bytes that nobody wrote");
        }

        private int Next(int bound)
        {
            _noise ^= _noise << 13;
            _noise ^= _noise >> 7;
            _noise ^= _noise << 17;
            return (int)(_noise % (ulong)bound);
        }
    }
}
