using System.Numerics;

namespace MemoryPages.Physical;

/// <summary>
/// A set of small numbers that finds its first one without looking at all: a bit for each, and a bit for each word that is not empty.
/// </summary>
internal readonly struct FreeBits
{
    private const int WordBits = 64;

    private readonly ulong[] _words;
    private readonly ulong[] _summary;

    /// <param name="count">Numbers from 0 up to, not including, this.</param>
    public FreeBits(int count)
    {
        _words = new ulong[(count + WordBits - 1) / WordBits];
        _summary = new ulong[(_words.Length + WordBits - 1) / WordBits];
    }

    public void Add(int number)
    {
        int word = number / WordBits;
        _words[word] |= 1UL << (number % WordBits);
        _summary[word / WordBits] |= 1UL << (word % WordBits);
    }

    /// <summary>Takes a number out; false where it was not in.</summary>
    public bool Remove(int number)
    {
        int word = number / WordBits;
        ulong bit = 1UL << (number % WordBits);
        if ((_words[word] & bit) == 0)
        {
            return false;
        }

        _words[word] &= ~bit;
        if (_words[word] == 0)
        {
            _summary[word / WordBits] &= ~(1UL << (word % WordBits));
        }

        return true;
    }

    /// <summary>Takes the lowest number out; -1 where there is none.</summary>
    public int RemoveFirst()
    {
        for (int i = 0; i < _summary.Length; i++)
        {
            if (_summary[i] != 0)
            {
                int word = (i * WordBits) + BitOperations.TrailingZeroCount(_summary[i]);
                int number = (word * WordBits) + BitOperations.TrailingZeroCount(_words[word]);
                _ = Remove(number);
                return number;
            }
        }

        return -1;
    }
}
