using System.Numerics;

namespace MemoryPages;

/// <summary>Which huge pages are taken, and what is done where no explicit one is free.</summary>
public enum HugePagePolicy
{
    /// <summary>Fail.</summary>
    Strict,

    /// <summary>Take ordinary pages and ask for transparent huge ones. <see cref="Pages{TProtection}.PageSize"/> tells what came of it.</summary>
    Prefer,

    /// <summary>
    /// Ask for none of the pool's: ordinary pages, which the system makes transparent huge ones where it can. See
    /// <see cref="HugePages.Transparent"/>.
    /// </summary>
    Transparent,
}

/// <summary>A wish for pages larger than the base page: fewer faults, fewer entries in the processor's translation caches.</summary>
public readonly record struct HugePages
{
    private HugePages(bool isTransparent, nuint explicitSize, HugePagePolicy policy)
    {
        IsTransparent = isTransparent;
        ExplicitSize = explicitSize;
        Policy = policy;
    }

    /// <summary>No wish: what the system does by itself. The default.</summary>
    public static HugePages None => default;

    /// <summary>
    /// Transparent huge pages, where the system allows them: the address is aligned to their size and the kernel is told before the first touch.
    /// Where it does not, the pages are ordinary ones and nothing fails. Linux: <c>MADV_HUGEPAGE</c>.
    /// </summary>
    /// <remarks>
    /// What came of it is told by <see cref="Pages{TProtection}.CountHugeBytes"/>, and why not by <c>MemoryMap.ExplainHugePages</c>; what is touched
    /// can be gathered with <see cref="Pages{TProtection}.Collapse"/>.
    /// </remarks>
    public static HugePages Transparent => new(isTransparent: true, 0, HugePagePolicy.Transparent);

    /// <summary>Pages out of the system's pool of huge pages, reserved at once, so that a touch cannot fail. Linux: <c>MAP_HUGETLB</c>.</summary>
    /// <param name="size">Bytes, one of <see cref="PageSize.Huge"/>; 0 for the system's default size.</param>
    /// <param name="policy">What to do where none is free.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="size"/> is neither 0 nor a power of two above the base page, or <paramref name="policy"/> asks for transparent ones.
    /// </exception>
    public static HugePages Explicit(nuint size = 0, HugePagePolicy policy = HugePagePolicy.Strict)
    {
        if (policy is not (HugePagePolicy.Strict or HugePagePolicy.Prefer))
        {
            throw new ArgumentException($"Explicit huge pages are taken strictly or preferred; {policy} is neither.", nameof(policy));
        }

        if (size == 0)
        {
            size = MemoryPages.Platform.MemorySystem.Current.DefaultHugePageSize;
        }
        else if (!BitOperations.IsPow2(size) || size <= PageSize.Base)
        {
            throw new ArgumentException($"A huge-page size is a power of two above the base page's {PageSize.Base} bytes; {size} is not.", nameof(size));
        }

        // A system without huge pages has no default: the size that it is then refused for says so.
        return new HugePages(isTransparent: false, size == 0 ? PageSize.Base * 512 : size, policy);
    }

    /// <summary>Whether transparent huge pages are wished.</summary>
    public bool IsTransparent { get; }

    /// <summary>The size of the explicit huge pages that are wished, in bytes; 0 where none are.</summary>
    public nuint ExplicitSize { get; }

    /// <summary>Which huge pages are taken, and what is done where no explicit one is free. Without any wish it says nothing.</summary>
    public HugePagePolicy Policy { get; }
}
