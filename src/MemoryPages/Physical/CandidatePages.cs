using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Physical;

/// <summary>Pages that were taken to see where their frames are: some will be used, the others go back.</summary>
/// <remarks>
/// No call asks for a frame. But pages of a file in memory can be mapped in any order once it is known where they are, and what is not mapped can be
/// given back page by page. Several files do: each round takes one more.
/// </remarks>
internal sealed class CandidatePages : IDisposable
{
    private readonly nuint _pageSize;
    private readonly MappingHandle _scratch;
    private readonly bool[] _used;

    private CandidatePages(SafeFileHandle file, MappingHandle scratch, ulong[] frames)
    {
        File = file;
        Frames = frames;
        _pageSize = scratch.PageSize;
        _scratch = scratch;
        _used = new bool[frames.Length];
    }

    public SafeFileHandle File { get; }

    /// <summary>The frame of each page of the file.</summary>
    public ulong[] Frames { get; }

    /// <summary>Takes pages, on a node where one is given: bound before they are touched.</summary>
    public static SystemError TryTake(in FramePlace place, int count, int? node, string? name, out CandidatePages? pages)
    {
        pages = null;
        nuint length = (nuint)count * place.PageSize;
        var file = new SafeFileHandle();
        MappingHandle? scratch = null;
        SystemError error = MemorySystem.Current.CreateSharedMemory(length, place.PageSize, name, file);
        if (!error.Failed)
        {
            var whole = new FileRequest
            {
                File = file,
                Offset = 0,
                Length = length,
                PageSize = place.PageSize,
                Protection = PageProtection.Read | PageProtection.Write,
                Backing = Backing.SharedFile,
            };
            error = MappingHandle.TryMapFile(whole, populate: false, name, out scratch);
        }

        if (!error.Failed && node is int bound)
        {
            error = MemorySystem.Current.SetNumaPolicy(scratch!.MappedAddress, length, new NumaPolicy(NumaPolicyKind.Bind, [bound]));
        }

        if (!error.Failed)
        {
            error = MemorySystem.Current.Populate(scratch!.MappedAddress, length, place.PageSize, forWriting: true);
        }

        ulong[]? frames = null;
        if (!error.Failed)
        {
            error = ReadFrames(scratch!.MappedAddress, place.PageSize, count, out frames);
        }

        if (error.Failed)
        {
            scratch?.CloseOnceIdle();
            file.Dispose();
            return error;
        }

        pages = new CandidatePages(file, scratch!, frames!);
        return SystemError.None;
    }

    /// <summary>The page will be mapped: it stays when the others go.</summary>
    public MappedPiece Use(int index)
    {
        _used[index] = true;
        return new MappedPiece(File, (long)((nuint)index * _pageSize), _pageSize);
    }

    /// <summary>Nothing is used after all.</summary>
    public void UseNone() => Array.Clear(_used);

    /// <summary>Gives back what is not used. What is used lives on in the mapping of it.</summary>
    public void Dispose()
    {
        if (Array.IndexOf(_used, true) >= 0)
        {
            for (int first = 0; first < _used.Length; first++)
            {
                int next = Array.IndexOf(_used, true, first);
                next = next < 0 ? _used.Length : next;
                if (next > first)
                {
                    _ = MemorySystem.Current.PunchHole(_scratch.MappedAddress + ((nuint)first * _pageSize), (nuint)(next - first) * _pageSize);
                }

                first = next;
            }
        }

        _scratch.CloseOnceIdle();
        File.Dispose();
    }

    /// <summary>The first frame of each page: a huge page's others follow it.</summary>
    private static SystemError ReadFrames(nuint address, nuint pageSize, int count, out ulong[] frames)
    {
        frames = new ulong[count];
        if (pageSize == PageSize.Base)
        {
            return MemorySystem.Current.ReadFrames(address, frames);
        }

        for (int i = 0; i < count; i++)
        {
            SystemError error = MemorySystem.Current.ReadFrames(address + ((nuint)i * pageSize), frames.AsSpan(i, 1));
            if (error.Failed)
            {
                return error;
            }
        }

        return SystemError.None;
    }
}
