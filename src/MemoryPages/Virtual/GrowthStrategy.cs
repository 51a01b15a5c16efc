namespace MemoryPages;

/// <summary>How much capacity a list takes when it needs more. Elements throughout; results saturate, they never overflow.</summary>
public readonly record struct GrowthStrategy
{
    private readonly nint _numerator;
    private readonly nint _denominator;
    private readonly nint _step;

    private GrowthStrategy(nint numerator, nint denominator, nint step)
    {
        _numerator = numerator;
        _denominator = denominator;
        _step = step;
    }

    /// <summary>Twice the capacity. The default.</summary>
    public static GrowthStrategy Doubling => default;

    /// <summary>The capacity times <paramref name="numerator"/> / <paramref name="denominator"/>.</summary>
    /// <param name="numerator">Above <paramref name="denominator"/>.</param>
    /// <param name="denominator">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not above 1.</exception>
    public static GrowthStrategy Exponential(nint numerator, nint denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(numerator, denominator);
        return new GrowthStrategy(numerator, denominator, 0);
    }

    /// <summary>The capacity and <paramref name="elements"/> more.</summary>
    /// <param name="elements">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elements"/> is not positive.</exception>
    public static GrowthStrategy Linear(nint elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(elements);
        return new GrowthStrategy(0, 0, elements);
    }

    /// <summary>The capacity after <paramref name="capacity"/>: at least <paramref name="required"/>, at most <paramref name="maximum"/>.</summary>
    internal nint Next(nint capacity, nint required, nint maximum)
    {
        Int128 next = (_step, _denominator) switch
        {
            (0, 0) => (Int128)capacity * 2,
            (0, _) => (Int128)capacity * _numerator / _denominator,
            _ => (Int128)capacity + _step,
        };
        return (nint)Int128.Min(Int128.Max(next, required), maximum);
    }
}
