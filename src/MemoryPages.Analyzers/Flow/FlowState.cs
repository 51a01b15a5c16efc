using System;
using System.Collections.Generic;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// What holds at a point when it is reached along one way: which variables refer to the same object, and what is known of each object.
/// </summary>
/// <remarks>
/// Variables are numbered by <see cref="Places"/>. Objects have numbers that mean nothing beyond this state; <see cref="Normalize"/> gives equal
/// states equal numbers, so that a loop comes to an end.
/// </remarks>
internal sealed class FlowState : IEquatable<FlowState>
{
    private readonly List<int> _holding;
    private readonly List<Value> _values;

    public FlowState()
        : this([], [])
    {
    }

    private FlowState(List<int> holding, List<Value> values)
    {
        _holding = holding;
        _values = values;
    }

    /// <summary>The number of places that may hold something.</summary>
    public int Places => _holding.Count;

    public FlowState Clone() => new([.. _holding], [.. _values]);

    /// <summary>The number of the value that a place holds.</summary>
    public int Held(int place) => place >= 0 && place < _holding.Count ? _holding[place] : Value.Nothing;

    public void Hold(int place, int value)
    {
        while (_holding.Count <= place)
        {
            _holding.Add(Value.Nothing);
        }

        _holding[place] = value;
    }

    public int Add(Value value)
    {
        _values.Add(value);
        return _values.Count - 1;
    }

    public Value this[int number]
    {
        get => number < 0 ? default : _values[number];
        set => _values[number] = value;
    }

    /// <summary>Whether a value borrows from another, directly or through one between.</summary>
    public bool IsFrom(int value, int source)
    {
        for (int from = this[value].From, steps = 0; from >= 0 && steps < 16; from = _values[from].From, steps++)
        {
            if (from == source)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same, with numbers in the order of places and without values that nobody holds.</summary>
    public FlowState Normalize()
    {
        var numbers = new Dictionary<int, int>();
        var holding = new List<int>(_holding.Count);
        var values = new List<Value>();
        foreach (int held in _holding)
        {
            holding.Add(Renumber(held));
        }

        while (holding.Count != 0 && holding[holding.Count - 1] == Value.Nothing)
        {
            holding.RemoveAt(holding.Count - 1);
        }

        return new FlowState(holding, values);

        int Renumber(int old)
        {
            if (old < 0)
            {
                return Value.Nothing;
            }

            if (!numbers.TryGetValue(old, out int number))
            {
                number = values.Count;
                numbers.Add(old, number);
                values.Add(_values[old]);
                values[number] = _values[old].With(Renumber(_values[old].From));
            }

            return number;
        }
    }

    /// <summary>What holds whichever of the two ways was taken.</summary>
    public static FlowState Join(FlowState left, FlowState right)
    {
        var pairs = new Dictionary<(int, int), int>();
        var holding = new List<int>();
        var values = new List<Value>();
        for (int place = 0; place < Math.Min(left.Places, right.Places); place++)
        {
            holding.Add(Pair(left._holding[place], right._holding[place]));
        }

        return new FlowState(holding, values).Normalize();

        int Pair(int one, int other)
        {
            if (one < 0 || other < 0)
            {
                return Value.Nothing;
            }

            if (!pairs.TryGetValue((one, other), out int number))
            {
                number = values.Count;
                pairs.Add((one, other), number);
                Value a = left._values[one], b = right._values[other];
                values.Add(default);
                values[number] = new Value(
                    a.Condition == b.Condition ? a.Condition : Condition.Unknown,
                    ReferenceEquals(a.Origin, b.Origin) ? a.Origin : null,
                    a.Condition == b.Condition ? a.End : null,
                    Pair(a.From, b.From),
                    a.IsLease && b.IsLease && a.Condition == b.Condition);
            }

            return number;
        }
    }

    public bool Equals(FlowState? other)
    {
        if (other is null || _holding.Count != other._holding.Count || _values.Count != other._values.Count)
        {
            return false;
        }

        for (int i = 0; i < _holding.Count; i++)
        {
            if (_holding[i] != other._holding[i])
            {
                return false;
            }
        }

        for (int i = 0; i < _values.Count; i++)
        {
            if (!_values[i].Equals(other._values[i]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as FlowState);

    public override int GetHashCode()
    {
        int hash = 17;
        foreach (int held in _holding)
        {
            hash = (hash * 31) + held;
        }

        foreach (Value value in _values)
        {
            hash = (hash * 31) + value.GetHashCode();
        }

        return hash;
    }
}
