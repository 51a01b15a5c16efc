using System.Runtime.InteropServices;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Simulation;

/// <content>Files behind pages, and memory that is mapped twice.</content>
internal sealed unsafe partial class SimulatedSystem
{
    private const int MapShared = 1;
    private const int MapPrivate = 2;
    private const int ReadOnlyFlags = 0x80000;
    private const int ReadWriteFlags = 0x80002;

    private readonly Dictionary<int, MappedFile> _files = [];

    public override SystemError OpenFile(string path, bool forWriting, SafeFileHandle file)
    {
        lock (_gate)
        {
            if (!IsRefused(out SystemError error))
            {
                int descriptor = Kernel.Open(path, forWriting ? ReadWriteFlags : ReadOnlyFlags, 0);
                if (descriptor < 0)
                {
                    return new SystemError(nameof(OpenFile), File.Exists(path) ? Denied : NotFound);
                }

                Marshal.InitHandle(file, descriptor);
            }

            return error;
        }
    }

    public override SystemError QueryFile(SafeFileHandle file, out FileFacts facts)
    {
        lock (_gate)
        {
            facts = IsRefused(out SystemError error) ? default : new FileFacts(FileKind.Regular, RandomAccess.GetLength(file), PageSize);
            return error;
        }
    }

    public override SystemError MapFile(in FileRequest request, out MappedRange range)
    {
        lock (_gate)
        {
            range = default;
            nuint step = Math.Max(facts.Granularity, request.PageSize);
            bool wrong = request.Length == 0 || request.Length % request.PageSize != 0 || (nuint)request.Offset % step != 0 || request.Address % step != 0;
            if (IsRefused(out SystemError error) || IsMisuse(wrong ? $"{request.Length} bytes from {request.Offset} on" : null, out error)
                || (request.Address != 0 && IsMisused(request.Address, request.Length, out error)))
            {
                return error;
            }

            if (request.Address != 0)
            {
                range = new MappedRange(request.Address, request.Address, request.Length);
                _table.Change(request.Address, request.Address + request.Length, _ => null);
            }
            else if (!TryPlace(0, request.Length, 0, step, out range))
            {
                return new SystemError(nameof(MapFile), NoRoom);
            }

            int mapping = ++_lastMapping;
            _files.Add(mapping, new MappedFile(DuplicateOf(request.File), range.Address, request.Offset));
            var page = new SimulatedPage(mapping, IsMemory: true, request.Protection)
            {
                PageSize = request.PageSize, IsFile = true, IsShared = request.Backing == Backing.SharedFile,
            };
            bool isMapped = TryMapFileReally(range.Address, request.Length, page);
            if (isMapped)
            {
                _table.Add(new SimulatedRange(range.Address, range.Address + request.Length, page));
                FitTail(mapping);
                return SystemError.None;
            }

            UnmapReally(range.Address, range.Address + request.Length);
            CloseUnusedFiles();
            range = default;
            return new SystemError(nameof(MapFile), Denied);
        }
    }

    public override SystemError MapMirrored(nuint length, string? name, out MappedRange range)
    {
        lock (_gate)
        {
            range = default;
            if (IsRefused(out SystemError error) || IsMisuse(length == 0 || length % PageSize != 0 ? $"{length} bytes" : null, out error))
            {
                return error;
            }

            if (length > s_mostAddresses || !TryPlace(0, 2 * length, 0, PageSize, out range))
            {
                return new SystemError(nameof(MapMirrored), NoRoom);
            }

            using SafeFileHandle memory = MemoryFile(length);
            MapReally(memory, range.Address, length, Kernel.ReadBit | Kernel.WriteBit);
            MapReally(memory, range.Address + length, length, Kernel.ReadBit | Kernel.WriteBit);
            Enter(range, 2 * length, Shared(PageProtection.Read | PageProtection.Write));
            return SystemError.None;
        }
    }

    public override SystemError Flush(nuint address, nuint length, FlushLevel level) => Told();

    public override SystemError Flush(nuint address, nuint length, FlushLevel level, SafeFileHandle file, long offset) => Told();

    public override SystemError SyncLength(SafeFileHandle file) => Told();

    public override SystemError SyncName(string folder) => Told();

    public override SystemError Duplicate(SafeFileHandle file, out SafeFileHandle? duplicate)
    {
        lock (_gate)
        {
            duplicate = IsRefused(out SystemError error) ? null : DuplicateOf(file);
            return error;
        }
    }

    public override SystemError SetLength(SafeFileHandle file, long current, long length)
    {
        lock (_gate)
        {
            if (!IsRefused(out SystemError error))
            {
                RandomAccess.SetLength(file, length);
                FitTails();
            }

            return error;
        }
    }

    public override SystemError AllocateSpace(SafeFileHandle file, long current, long offset, long length)
    {
        lock (_gate)
        {
            bool isRefused = IsRefused(out SystemError error);
            if (offset + length > current)
            {
                RandomAccess.SetLength(file, isRefused ? current + ((offset + length - current) / 2) : offset + length); // half-way, as a full disk leaves it
                FitTails();
            }

            return error;
        }
    }

    public override nuint RoomToGrow(SafeFileHandle file, nuint mapped) => facts.RoomToGrow;

    public override SystemError PunchHole(nuint address, nuint length)
    {
        lock (_gate)
        {
            return IsRefused(out SystemError error) || IsMisused(address, length, out error) || Kernel.Advise((nint)address, length, Remove) == 0
                ? error
                : new SystemError(nameof(PunchHole), NotThere);
        }
    }

    private SimulatedPage Shared(PageProtection protection) => new(++_lastMapping, IsMemory: true, protection) { PageSize = PageSize, IsShared = true };

    private SystemError Told([System.Runtime.CompilerServices.CallerMemberName] string call = "")
    {
        lock (_gate)
        {
            _ = IsRefused(out SystemError error, call);
            return error;
        }
    }

    private static SafeFileHandle MemoryFile(nuint length)
    {
        var file = new SafeFileHandle(Kernel.CreateMemoryFile("simulated", 1), ownsHandle: true);
        RandomAccess.SetLength(file, (long)length);
        return file;
    }

    private static SafeFileHandle DuplicateOf(SafeFileHandle file) =>
        new(Kernel.ControlLease((int)file.DangerousGetHandle(), 1030, 0), ownsHandle: true); // F_DUPFD_CLOEXEC

    private static void MapReally(SafeFileHandle file, nuint address, nuint length, int protection) =>
        Must(Kernel.Map((nint)address, length, protection, MapShared | Kernel.Fixed, (int)file.DangerousGetHandle(), 0) == (nint)address);

    private void MapFileReally(nuint address, nuint length, SimulatedPage page) => Must(TryMapFileReally(address, length, page));

    private bool TryMapFileReally(nuint address, nuint length, SimulatedPage page)
    {
        MappedFile file = _files[page.Mapping];
        int flags = Kernel.Fixed | (page.IsShared ? MapShared : MapPrivate);
        long offset = file.Offset + (long)(address - file.Address);
        return Kernel.Map((nint)address, length, Native(page.Protection), flags, (int)file.Handle.DangerousGetHandle(), offset) == (nint)address;
    }

    /// <summary>Up to the end of the file's last page.</summary>
    private nuint EndOfFile(int mapping) => MemoryPages.PageSize.AlignUp(_files[mapping].EndOfContent, PageSize);

    private void FitTails()
    {
        foreach (int mapping in _files.Keys)
        {
            FitTail(mapping);
        }
    }

    /// <summary>
    /// The last page of a file is there whole: what the real system, whose pages are smaller, has no file for is zeros. (They are not the file's, and
    /// other mappings do not share them.)
    /// </summary>
    private void FitTail(int mapping)
    {
        MappedFile file = _files[mapping];
        foreach (SimulatedRange part in PartsOf(mapping, file.TailStart, file.TailEnd))
        {
            MapFileReally(part.Start, part.Length, part.Page);
        }

        nuint end = file.EndOfContent;
        bool hasTail = end > file.Address;
        file.TailStart = hasTail ? MemoryPages.PageSize.AlignUp(end, s_realPage) : 0;
        file.TailEnd = hasTail ? MemoryPages.PageSize.AlignUp(end, PageSize) : 0;
        foreach (SimulatedRange part in PartsOf(mapping, file.TailStart, file.TailEnd))
        {
            MapOver(part.Start, part.Length, Native(part.Page.Protection));
        }
    }

    private IEnumerable<SimulatedRange> PartsOf(int mapping, nuint start, nuint end) =>
        _table.Within(start, end).Where(part => part.Page.Mapping == mapping && part.Page.IsFile);

    private void MoveFiles(List<SimulatedRange> parts, nuint from, nuint to)
    {
        foreach (int mapping in parts.Where(part => part.Page.IsFile).Select(part => part.Page.Mapping).Distinct())
        {
            MappedFile file = _files[mapping];
            file.Address = file.Address - from + to;
            (file.TailStart, file.TailEnd) = file.TailEnd == 0 ? (0, 0) : (file.TailStart - from + to, file.TailEnd - from + to);
        }
    }

    private void CloseUnusedFiles()
    {
        if (_files.Count == 0)
        {
            return;
        }

        HashSet<int> used = [.. _table.All.Where(range => range.Page.IsFile).Select(range => range.Page.Mapping)];
        foreach (int mapping in _files.Keys.Where(mapping => !used.Contains(mapping)).ToArray())
        {
            _files[mapping].Handle.Dispose();
            _files.Remove(mapping);
        }
    }

    private sealed class MappedFile(SafeFileHandle handle, nuint address, long offset)
    {
        public SafeFileHandle Handle => handle;

        public nuint Address { get; set; } = address;

        public long Offset => offset;

        /// <summary>What stands for the file's missing bytes.</summary>
        public nuint TailStart { get; set; }

        public nuint TailEnd { get; set; }

        public nuint EndOfContent => Address + (nuint)Math.Max(0, RandomAccess.GetLength(handle) - offset);
    }
}
