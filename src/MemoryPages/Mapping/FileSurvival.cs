using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Mapping;

/// <summary>A mapped file that may shrink: what is known of it, and of the pages that zeros replaced.</summary>
/// <remarks>
/// The mapping keeps the file open for it. The system tells of a page that is gone when it is touched, and not at all of the end of the last page,
/// which merely reads zero: so the file is asked for its length too. Members that change something are called under exclusive access.
/// </remarks>
internal sealed class FileSurvival
{
    private static readonly UninterruptedLock s_gate = new();

    private readonly SafeFileHandle? _file;
    private FileRequest _request;
    private SurvivingRange _range;
    private nuint _address;

    /// <summary>Bytes into the file up to which it backed the pages, when they were mapped, resized or refreshed.</summary>
    private long _promised;

    private long _end;
    private volatile bool _wasShorter;

    private FileSurvival(in FileRequest request, SafeFileHandle? file, nuint address)
    {
        _request = file is null ? request : request with { File = file, SurviveTruncation = false };
        _file = file;
        _address = address;
    }

    /// <summary>Whether an access met nothing, or the file was ever seen too short.</summary>
    public bool WasTruncated => Replaced.Faults != 0 || MissingBytes() != 0 || _wasShorter;

    public Replacements Replaced => _range == default ? new Replacements(0, nuint.MaxValue) : System.Replaced(_range);

    private static TruncationSurvival System => MemorySystem.Current.TruncationSurvival!;

    /// <param name="request">What was mapped.</param>
    /// <param name="file">The file, open for as long as the mapping is; null for nothing of one, which cannot shrink.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">From there, up to the user's last byte.</param>
    /// <param name="survival">What is known of it, or null.</param>
    public static SystemError TryBegin(in FileRequest request, SafeFileHandle? file, nuint address, nuint length, out FileSurvival? survival)
    {
        survival = null;
        if (file is null)
        {
            survival = new FileSurvival(request, null, address);
            return SystemError.None;
        }

        // First what can throw: a range that survives must have an owner who ends it.
        var begun = new FileSurvival(request, file, address);
        begun.Promise(length);
        SystemError error;
        using (s_gate.Enter())
        {
            error = System.Begin(address, request.Length, request.PageSize, request.Protection, out begun._range);
        }

        survival = error.Failed ? null : begun;
        return error;
    }

    public void End()
    {
        EndPart(_range);
        _range = default;
    }

    public SystemError BeginPart(nuint address, nuint length, PageProtection protection, out SurvivingRange part)
    {
        using (s_gate.Enter())
        {
            return System.BeginPart(_range, address, length, protection, out part);
        }
    }

    public static void EndPart(SurvivingRange part)
    {
        if (part != default)
        {
            using (s_gate.Enter())
            {
                System.End(part);
            }
        }
    }

    public void Protect(PageProtection protection)
    {
        _request = _request with { Protection = protection };
        if (_range != default)
        {
            System.Protect(_range, protection);
        }
    }

    /// <summary>Before the length or the place changes, and so before the system may give an address of the pages to somebody else.</summary>
    public void Suspend()
    {
        if (_range != default)
        {
            _ = MissingBytes(); // by what was promised so far, and kept in mind
            System.Suspend(_range);
        }
    }

    /// <summary>The mapping is there now, and of that length, whether or not that changed; what was replaced moved along.</summary>
    public void Resume(nuint address, nuint mappedLength, nuint length)
    {
        if (_range != default)
        {
            System.Resume(_range, address, mappedLength);
            _request = _request with { Length = mappedLength };
            _address = address;
            Promise(length);
        }
    }

    /// <summary>Bytes at the end of the pages that the file gave, or could have given, and does not reach now.</summary>
    public nuint MissingBytes()
    {
        long missing = _file is null ? 0 : Math.Max(0, _promised - FileLength());
        if (missing != 0)
        {
            _wasShorter = true;
        }

        return (nuint)missing;
    }

    /// <summary>The address up to which the file reaches now, in whole pages, and nothing was replaced.</summary>
    public nuint EndOfFile()
    {
        if (_file is null)
        {
            return _address;
        }

        long reach = Math.Max(0, FileLength() - _request.Offset);
        return Math.Min(Replaced.Lowest, _address + PageSize.AlignUp((nuint)reach, PageSize.Base));
    }

    /// <summary>
    /// An ordinary copy, since it cannot be a fault: many times faster than the system's. What of it is the file's is known afterwards: a page is
    /// noted before zeros replace it.
    /// </summary>
    public unsafe SystemError CopyOut(nuint address, Span<byte> destination, out int copied)
    {
        if (Replaced.Lowest > address)
        {
            new ReadOnlySpan<byte>((void*)address, destination.Length).CopyTo(destination);
            Volatile.ReadBarrier();
        }

        copied = BytesBeforeReplaced(address, destination.Length);
        return SystemError.None;
    }

    public unsafe SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied)
    {
        if (Replaced.Lowest > address)
        {
            source.CopyTo(new Span<byte>((void*)address, source.Length));
            Volatile.ReadBarrier();
        }

        copied = BytesBeforeReplaced(address, source.Length);
        return SystemError.None;
    }

    /// <summary>Shows the file again from the first page on that was replaced, and takes what it has now for what it promises.</summary>
    public SystemError Refresh()
    {
        SystemError error = MapReplacedAgain();
        if (!error.Failed && _file is not null)
        {
            System.ForgetReplaced(_range);
            _wasShorter = false;
            _promised = Math.Min(_end, FileLength());
        }

        return error;
    }

    /// <summary>Before it grows: what the system adds to a mapping is of the kind of its last page, which is to be the file's.</summary>
    public SystemError PrepareToResize()
    {
        if (_range == default)
        {
            return SystemError.None;
        }

        _ = MissingBytes();
        _wasShorter |= Replaced.Faults != 0;
        SystemError error = MapReplacedAgain();
        if (!error.Failed)
        {
            System.ForgetReplaced(_range);
        }

        return error;
    }

    /// <summary>
    /// In place of the zeros. Tried out elsewhere first: of the reasons that the system can have to refuse, none is left for the moment in which the
    /// place is given up.
    /// </summary>
    private SystemError MapReplacedAgain()
    {
        nuint lowest = Replaced.Lowest;
        if (lowest < _address || lowest >= _address + _request.Length)
        {
            return SystemError.None; // nothing, or nothing that is left: on no account is anything mapped outside the pages
        }

        nuint offset = lowest - _address;
        FileRequest rest = _request with { Offset = _request.Offset + (long)offset, Length = _request.Length - offset };
        SystemError error = MemorySystem.Current.MapFile(rest, out MappedRange elsewhere);
        if (error.Failed)
        {
            return error;
        }

        Quarantine.Release(elsewhere, keepAddresses: false);
        return MemorySystem.Current.MapFile(rest with { Address = lowest }, out _);
    }

    /// <summary>0 where it has none (a device), or cannot be asked: if somebody has closed the descriptor, nothing is vouched for.</summary>
    private long FileLength() => MemorySystem.Current.QueryFile(_file!, out FileFacts facts).Failed ? 0 : facts.Length;

    private int BytesBeforeReplaced(nuint address, int length)
    {
        nuint lowest = Replaced.Lowest;
        return lowest <= address ? 0 : (int)Math.Min(lowest - address, (nuint)length);
    }

    private void Promise(nuint length)
    {
        _end = _request.Offset + (long)length;
        _promised = Math.Min(_end, FileLength());
    }
}
