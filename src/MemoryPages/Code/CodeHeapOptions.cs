using System.Numerics;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for a <see cref="CodeHeap"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct CodeHeapOptions
{
    private const nuint DefaultReserve = 16 << 20;

    /// <summary>What every function's address is a multiple of, if nothing else is wished: the line that processors fetch instructions by.</summary>
    private const int FetchLine = 16;

    /// <summary>Any two functions of a heap can reach each other by a near call of x86-64, with room for what else they reach.</summary>
    private const nuint MostReserve = 1 << 30;

    /// <summary>
    /// How code is written; the heap cannot be had if the system forbids it. Null: flipped, or where that is forbidden dual-mapped; on macOS dual-mapped.
    /// </summary>
    public CodeMode? Mode { get; init; }

    /// <summary>Every byte of the heap is to lie within <see cref="Reach"/> of this address; 0 for anywhere.</summary>
    public nuint Near { get; init; }

    /// <summary>
    /// Bytes between <see cref="Near"/> and the heap's farthest byte, at most. 0: what near calls and jumps of this processor reach, 2 GiB on x86-64,
    /// 128 MiB on arm64.
    /// </summary>
    public nuint Reach { get; init; }

    /// <summary>Bytes of addresses, rounded up to whole pages: all the code that the heap can hold. At most 1 GiB. 0: 16 MiB.</summary>
    public nuint Reserve { get; init; }

    /// <summary>What the address of each function is a multiple of: a power of two in bytes, from 16 to a page. 0: 16.</summary>
    public nuint Alignment { get; init; }

    /// <summary>
    /// Tell profilers the functions' names: each is written to <c>/tmp/perf-&lt;pid&gt;.map</c>, which perf(1) reads. A wish: where the file cannot
    /// be written, nothing happens.
    /// </summary>
    public bool PerfMap { get; init; }

    /// <summary>A name, in errors, leak reports, and in the system's list of mappings where the heap is dual-mapped.</summary>
    public string? Name { get; init; }

    /// <summary>In force.</summary>
    internal int FunctionAlignment => Alignment == 0 ? FetchLine : (int)Alignment;

    /// <summary>In force; 0 where the heap may be anywhere.</summary>
    internal nuint NearReach => Near == 0 ? 0 : Reach == 0 ? ProcessorCode.NearReach : Reach;

    /// <exception cref="ArgumentOutOfRangeException">A number is out of its bounds.</exception>
    internal ReserveRequest ToRequest()
    {
        nuint pageSize = PageSize.Base;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Reserve, MostReserve, nameof(Reserve));
        if (Alignment != 0 && (!BitOperations.IsPow2(Alignment) || Alignment < FetchLine || Alignment > pageSize))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Alignment), Alignment, $"The alignment of functions must be a power of two from {FetchLine} to {pageSize} bytes.");
        }

        if (Mode is { } mode && mode is not (CodeMode.Flipped or CodeMode.DualMapped))
        {
            throw new ArgumentOutOfRangeException(nameof(Mode), mode, "There is no such mode.");
        }

        nuint reach = NearReach;
        return new ReserveRequest
        {
            Length = PageSize.AlignUp(Reserve == 0 ? DefaultReserve : Reserve, pageSize),
            Alignment = pageSize,
            ForView = Mode == CodeMode.DualMapped,
            NearAddress = Near,
            LowestAddress = Near > reach ? Near - reach : 0,
            HighestAddress = Near == 0 ? 0 : Near < nuint.MaxValue - reach ? Near + reach - 1 : nuint.MaxValue,
        };
    }
}
