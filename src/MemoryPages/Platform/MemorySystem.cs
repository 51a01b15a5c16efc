using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>The contract of the platform floor: every primitive that the floors above ask of an operating system.</summary>
/// <remarks>
/// <para>
/// One class for each system derives from it and sits in a folder of its own. The chosen one is a static readonly field, so the JIT knows its
/// exact class and calls it directly: nobody pays for the other systems.
/// </para>
/// <para>
/// Addresses and lengths arrive valid and rounded to the page size of the mapping: rounding and range checks are the floor above's. Every member
/// that can fail returns a <see cref="SystemError"/>, leaves the range as it was when it fails (or says otherwise), and allocates nothing.
/// </para>
/// </remarks>
internal abstract partial class MemorySystem
{
    private static readonly MemorySystem? s_current = SystemChoice.Instead
        ?? (OperatingSystem.IsLinux() ? new Linux.LinuxMemorySystem()
            : OperatingSystem.IsWindows() ? new Windows.WindowsMemorySystem()
            : OperatingSystem.IsMacOS() ? new MacOS.MacMemorySystem()
            : null);

    /// <exception cref="PlatformNotSupportedException">This library has no floor for the running system yet.</exception>
    public static MemorySystem Current => s_current ?? ThrowUnsupported();

    // Sizes.

    public abstract nuint PageSize { get; }

    public abstract nuint AllocationGranularity { get; }

    /// <summary>0 where the system has no transparent huge pages.</summary>
    public abstract nuint TransparentHugePageSize { get; }

    /// <summary>Smallest first; empty where the system has none.</summary>
    public abstract ReadOnlySpan<nuint> HugePageSizes { get; }

    /// <summary>0 where the system has none.</summary>
    public abstract nuint DefaultHugePageSize { get; }

    /// <summary>Bytes of physical memory that the machine has, not what is free.</summary>
    public abstract nuint PhysicalMemory { get; }

    // Mappings.

    public abstract bool NamesSupported { get; }

    public abstract SystemError MapAnonymous(in AnonymousRequest request, out MappedRange range);

    /// <summary>Opens a file into <paramref name="file"/>, a handle without a descriptor. Never waits for the other end of a pipe.</summary>
    public abstract SystemError OpenFile(string path, bool forWriting, SafeFileHandle file);

    /// <summary>What is behind a handle. An error, with the facts all the same, where that is nothing that can be mapped.</summary>
    public abstract SystemError QueryFile(SafeFileHandle file, out FileFacts facts);

    public abstract SystemError MapFile(in FileRequest request, out MappedRange range);

    /// <summary>
    /// Maps zeroed memory twice in a row, to read and write: the byte at <c>address + i</c> is the one at <c>address + length + i</c>. The range is
    /// of both. The name is shown in the system's list of mappings where it can be.
    /// </summary>
    public abstract SystemError MapMirrored(nuint length, string? name, out MappedRange range);

    /// <summary>Takes addresses without memory: any access is a fault until a part is committed. Nothing is charged for them.</summary>
    public abstract SystemError Reserve(in ReserveRequest request, out MappedRange range);

    /// <summary>Makes a part of a reservation memory to read and write, zeroed; committed pages stay as they are. Charged from here on.</summary>
    public abstract SystemError Commit(nuint address, nuint length);

    /// <summary>
    /// Gives memory and commit charge of a part back and keeps the addresses: any access is a fault, and nobody else is given them. Of any mapping,
    /// also where it is locked; what was not committed stays so.
    /// </summary>
    public abstract SystemError Decommit(nuint address, nuint length);

    public abstract SystemError Unmap(nuint address, nuint length);

    public abstract SystemError Protect(nuint address, nuint length, PageProtection protection);

    /// <summary>Extends the mapping that ends at <paramref name="end"/> by <paramref name="extra"/> bytes, where it stands.</summary>
    public abstract SystemError GrowInPlace(nuint end, nuint extra, nuint pageSize);

    /// <summary>Moves a mapping with its content, protection, advice and locks to a new place of another, larger length.</summary>
    public abstract SystemError Move(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to);

    /// <summary>Names the range in the system's list of mappings; where that cannot be done nothing happens.</summary>
    public abstract void SetName(nuint address, nuint length, string name);

    // Content.

    public abstract SystemError Discard(nuint address, nuint length);

    /// <summary>Whether <see cref="DiscardBatch"/> is one call, or one for each range.</summary>
    public abstract bool BatchesSupported { get; }

    /// <summary>
    /// Discards many ranges, in one call where the system can. The first failure is returned, and does not keep the ranges behind it from being
    /// discarded.
    /// </summary>
    public virtual SystemError DiscardBatch(ReadOnlySpan<(nuint Address, nuint Length)> ranges)
    {
        SystemError first = SystemError.None;
        foreach ((nuint address, nuint length) in ranges)
        {
            SystemError error = Discard(address, length);
            first = first.Failed ? first : error;
        }

        return first;
    }

    public abstract SystemError Offer(nuint address, nuint length);

    /// <summary>Keeps what is left of an offered range; <paramref name="lost"/> is the number of bytes in pages that hold nothing any more.</summary>
    public abstract SystemError Reclaim(nuint address, nuint length, out nuint lost);

    /// <summary>
    /// Copies out of a range that may have nothing behind it: never a fault. <paramref name="copied"/> counts the bytes before the first page that
    /// could not be read; that is no error.
    /// </summary>
    public abstract SystemError CopyOut(nuint address, Span<byte> destination, out int copied);

    /// <summary>Copies into such a range; as <see cref="CopyOut"/>.</summary>
    public abstract SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied);

    /// <summary>Whether the eight bytes at an address, a multiple of eight, could be read just now: never a fault.</summary>
    public abstract bool CanRead(nuint address);

    /// <summary>What this system answers where it has nothing of the kind that is asked for.</summary>
    public abstract SystemError Absent { get; }

    /// <summary>What is said of a mapping that would reach beyond its file.</summary>
    public abstract SystemError BehindEndOfFile { get; }

    /// <summary>What keeps a process alive whose mapped file is cut off; null where there is none.</summary>
    public abstract TruncationSurvival? TruncationSurvival { get; }

    // Residency.

    /// <summary>Makes the range present. An error, not a signal, where a page has nothing behind it; some pages may be present then.</summary>
    public abstract SystemError Populate(nuint address, nuint length, nuint pageSize, bool forWriting);

    /// <summary>
    /// Enters what is in memory of a mapped file into the process's tables, as far as that costs less than the faults that it saves. An error where a
    /// page has nothing behind it, or the system does not have that.
    /// </summary>
    public virtual SystemError EnterCached(nuint address, nuint length) => Absent;

    /// <summary>On failure no page is locked that was not before. If a page could not be made resident, the whole range is left unlocked.</summary>
    public abstract SystemError Lock(nuint address, nuint length, LockMode mode);

    public abstract SystemError Unlock(nuint address, nuint length);

    /// <summary>Bit 0 of each byte of <paramref name="pages"/> says whether that base page is resident.</summary>
    public abstract SystemError QueryResidency(nuint address, Span<byte> pages);

    // Advice.

    public abstract bool IsSupported(Advice advice);

    public abstract bool IsSupported(UncheckedAdvice advice);

    public abstract SystemError Advise(nuint address, nuint length, Advice advice);

    public abstract SystemError Advise(nuint address, nuint length, UncheckedAdvice advice);

    // Protections and code.

    /// <summary>What the processor really lets a program do with pages of the requested protection: asked of it, once.</summary>
    public abstract PageProtection EffectiveProtection(PageProtection requested);

    /// <summary>Makes what was written to the range visible to instruction fetch.</summary>
    public abstract void PublishCode(nuint address, nuint length);

    // Facts for people.

    public abstract string ErrorSymbol(int code);

    public abstract Diagnosis Diagnose(SystemError error, in FailedOperation operation);

    /// <summary>The regions that overlap the range, in order. A snapshot: other threads may be mapping.</summary>
    public abstract IReadOnlyList<MemoryRegion> Regions(nuint address, nuint length);

    private static MemorySystem ThrowUnsupported() =>
        throw new PlatformNotSupportedException(
            "MemoryPages runs on Linux and Windows and is written for macOS; it has no floor for this system "
            + $"({System.Runtime.InteropServices.RuntimeInformation.OSDescription}) yet.");
}

/// <summary>Where a mapping was placed, and the addresses reserved for it: the same, or more where guard pages surround it.</summary>
internal readonly record struct MappedRange(nuint Address, nuint ReservedAddress, nuint ReservedLength);

/// <summary>A wish for memory without a file.</summary>
internal readonly struct AnonymousRequest
{
    /// <summary>Bytes: a multiple of <see cref="PageSize"/>.</summary>
    public required nuint Length { get; init; }

    public required PageProtection Protection { get; init; }

    /// <summary>The base page, or an explicit huge page.</summary>
    public required nuint PageSize { get; init; }

    /// <summary>A power of two, at least <see cref="PageSize"/>.</summary>
    public required nuint Alignment { get; init; }

    public nuint NearAddress { get; init; }

    /// <summary>Bytes of inaccessible pages wished on either side.</summary>
    public nuint Guard { get; init; }

    public bool TransparentHuge { get; init; }

    public bool NoReserve { get; init; }

    public bool Stack { get; init; }

    public bool WriteTracking { get; init; }

    /// <summary>Said before anything is touched. A system that cannot heed it refuses the mapping.</summary>
    public NumaPolicy NumaPolicy { get; init; }
}

/// <summary>A wish for addresses.</summary>
internal readonly struct ReserveRequest
{
    /// <summary>Bytes: a multiple of the base page.</summary>
    public required nuint Length { get; init; }

    /// <summary>A power of two, at least the base page.</summary>
    public required nuint Alignment { get; init; }

    /// <summary>No byte below this.</summary>
    public nuint LowestAddress { get; init; }

    /// <summary>No byte above this; 0 for no bound.</summary>
    public nuint HighestAddress { get; init; }

    /// <summary>As near to this as there is room; 0 for anywhere.</summary>
    public nuint NearAddress { get; init; }

    /// <summary>The whole of it becomes a view, by <see cref="MemorySystem.MapDual"/>: nothing of it is committed.</summary>
    public bool ForView { get; init; }

    /// <summary>Bytes between <see cref="NearAddress"/> and the farthest end of the range, if it were placed there.</summary>
    public nuint DistanceAt(nuint place) => Math.Max(
        NearAddress > place ? NearAddress - place : place - NearAddress,
        NearAddress > place + Length ? NearAddress - place - Length : place + Length - NearAddress);

    /// <summary>
    /// Between two addresses the place that is best for it: around <see cref="NearAddress"/> as far as it goes, or the first where none is wished.
    /// Null where there is no room.
    /// </summary>
    public nuint? PlaceBetween(nuint start, nuint end)
    {
        if (!MemoryPages.PageSize.TryAlignUp(start, Alignment, out nuint first) || end <= first || end - first < Length)
        {
            return null;
        }

        nuint half = Length / 2;
        nuint wished = NearAddress > half ? NearAddress - half : 0; // the middle on the address
        nuint last = MemoryPages.PageSize.AlignDown(end - Length, Alignment);
        return Math.Clamp(MemoryPages.PageSize.AlignDown(wished, Alignment), first, last);
    }
}

/// <summary>A wish to map a part of a file.</summary>
internal readonly record struct FileRequest
{
    public required SafeFileHandle File { get; init; }

    /// <summary>Where, in place of what is mapped there, which is the caller's; 0 for anywhere.</summary>
    public nuint Address { get; init; }

    /// <summary>Bytes into the file: a multiple of the allocation granularity and of <see cref="PageSize"/>.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes: a multiple of <see cref="PageSize"/>.</summary>
    public required nuint Length { get; init; }

    /// <summary>What the file's mappings are made of: see <see cref="FileFacts.PageSize"/>.</summary>
    public required nuint PageSize { get; init; }

    public required PageProtection Protection { get; init; }

    /// <summary>Shared or private.</summary>
    public required Backing Backing { get; init; }

    public bool NoReserve { get; init; }

    /// <summary>Accesses to what the file has lost read zero and do not end the process: <see cref="Platform.TruncationSurvival"/>.</summary>
    public bool SurviveTruncation { get; init; }
}
