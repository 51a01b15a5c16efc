using System.Numerics;
using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>Wishes for <see cref="Pages.Allocate(nuint, in AllocationOptions)"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct AllocationOptions
{
    /// <summary>The address will be a multiple of this: a power of two in bytes. 0, or less than a page: a page.</summary>
    public nuint Alignment { get; init; }

    /// <summary>Huge pages.</summary>
    public HugePages HugePages { get; init; }

    /// <summary>
    /// Make every page present before the allocation returns; if one cannot be, the allocation fails. Linux: <c>MADV_POPULATE_WRITE</c>, not
    /// <c>MAP_POPULATE</c>, which hides failures.
    /// </summary>
    public bool Populate { get; init; }

    /// <summary>
    /// Ask for no promise of memory: more can be mapped than the system could keep, and a touch may then end the process. Not with explicit huge
    /// pages. Ignored by Linux under strict overcommit. Linux: <c>MAP_NORESERVE</c>.
    /// </summary>
    public bool NoReserve { get; init; }

    /// <summary>The pages will be a thread's stack. Linux: <c>MAP_STACK</c>, which keeps transparent huge pages away.</summary>
    public bool Stack { get; init; }

    /// <summary>
    /// A name: in error messages and leak reports, and in <c>/proc/self/maps</c> as <c>[anon:name]</c> where the kernel can
    /// (<see cref="Pages.NamesSupported"/>; at most 79 printable ASCII characters of it).
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Have the system prepared to tell which of the pages were written to (<c>TrackWrites</c>). Windows takes this wish with the allocation
    /// or never, and not with huge pages: <c>MEM_WRITE_WATCH</c>. Changes nothing elsewhere.
    /// </summary>
    public bool WriteTracking { get; init; }

    /// <summary>An address to be near, or 0. The system takes it or the next free place of its choice; nothing is ever replaced.</summary>
    public nuint NearAddress { get; init; }

    /// <summary>
    /// The NUMA nodes that give the pages, said before the first touch. Explicit huge pages bound to nodes are all made present at once, so that no
    /// touch can fail: what is promised of a pool is the machine's promise, not a node's. Windows takes <see cref="NumaPolicy.Prefer"/> of one node
    /// (VirtualAllocExNuma), here and nowhere else.
    /// </summary>
    public NumaPolicy NumaPolicy { get; init; }

    /// <summary>Whether every page is made present before the allocation returns.</summary>
    internal bool PopulatesAtOnce => Populate || (HugePages.ExplicitSize != 0 && NumaPolicy.Kind == NumaPolicyKind.Bind);

    /// <summary>Checks the wishes and says them in the platform's words.</summary>
    internal AnonymousRequest ToRequest(nuint length, PageProtection protection)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (Alignment != 0 && !BitOperations.IsPow2(Alignment))
        {
            Throw($"An alignment must be a power of two; {Alignment} is not.");
        }

        nuint pageSize = HugePages.ExplicitSize == 0 ? PageSize.Base : HugePages.ExplicitSize;
        if (NoReserve && HugePages.ExplicitSize != 0)
        {
            Throw("NoReserve with explicit huge pages would let a touch end the process when the pool is empty. Choose one of them.");
        }

        return Request(length, protection, pageSize, HugePages.IsTransparent);
    }

    /// <summary>The same on ordinary pages, for when explicit huge pages were preferred and are not to be had.</summary>
    internal AnonymousRequest ToFallbackRequest(nuint length, PageProtection protection) => Request(length, protection, PageSize.Base, transparent: true);

    private AnonymousRequest Request(nuint length, PageProtection protection, nuint pageSize, bool transparent)
    {
        nuint alignment = Math.Max(Alignment, pageSize);
        if (transparent && length >= PageSize.TransparentHuge)
        {
            alignment = Math.Max(alignment, PageSize.TransparentHuge);
        }

        return new AnonymousRequest
        {
            // A length that cannot even be rounded is more than any system has: the system is asked and says so.
            Length = PageSize.TryAlignUp(length, pageSize, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, pageSize),
            Protection = protection,
            PageSize = pageSize,
            Alignment = alignment,
            NearAddress = PageSize.AlignDown(NearAddress, pageSize),
            Guard = Hardening.IsOn ? PageSize.Base : 0,
            TransparentHuge = transparent && PageSize.TransparentHuge != 0,
            NoReserve = NoReserve,
            Stack = Stack,
            WriteTracking = WriteTracking,
            NumaPolicy = NumaPolicy,
        };
    }

    private static void Throw(string problem, string parameter = "options") => throw new ArgumentException(problem, parameter);
}
