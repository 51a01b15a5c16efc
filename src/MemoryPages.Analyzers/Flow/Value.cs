using System;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Flow;

/// <summary>What is known of an object, whichever variables refer to it.</summary>
internal enum Condition
{
    /// <summary>Anything: usable, spent, null.</summary>
    Unknown,
    Usable,
    Null,
    Spent,
}

/// <summary>An object or a lease, as the analysis sees it.</summary>
internal readonly struct Value(Condition condition, IOperation? origin = null, IOperation? end = null, int from = Value.Nothing, bool isLease = false) : IEquatable<Value>
{
    /// <summary>In place of a value's number: none is known.</summary>
    public const int Nothing = -1;

    public Condition Condition => condition;

    /// <summary>Where it was made.</summary>
    public IOperation? Origin => origin;

    /// <summary>What made it spent.</summary>
    public IOperation? End => end;

    /// <summary>The number of the value that this one borrows from.</summary>
    public int From => from;

    /// <summary>Has an end of its own, and is in use until then; what is no lease is in use as long as it is read.</summary>
    public bool IsLease => isLease;

    public Value With(Condition changed, IOperation? ending = null) => new(changed, origin, ending, from, isLease);

    public Value With(int source) => new(condition, origin, end, source, isLease);

    public bool Equals(Value other) =>
        condition == other.Condition && from == other.From && isLease == other.IsLease && ReferenceEquals(end, other.End)
            && ReferenceEquals(origin, other.Origin);

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => ((int)condition * 31) + (from * 7) + (isLease
        ? 1 : 0) + (end?.Syntax.SpanStart ?? 0) + ((origin?.Syntax.SpanStart ?? 0) * 17);
}
