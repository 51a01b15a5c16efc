using System.Numerics;

namespace MemoryPages.Virtual;

/// <summary>One bit for each slot of a concurrent list that was published out of order. Set once, by whoever wrote the slot; never cleared.</summary>
/// <remarks>Its memory is committed with the slots', and costs frames only where appends really overtook one another.</remarks>
internal readonly unsafe struct ReadyBits(ulong* words)
{
    private const int BitsPerWord = 64;

    /// <summary>Bytes of words for so many slots.</summary>
    public static nuint BytesFor(nint slots) => (((nuint)slots + BitsPerWord - 1) / BitsPerWord) * sizeof(ulong);

    /// <summary>Has acquired what was written before the bit was set, if it is.</summary>
    public bool IsSet(nint slot) => (Volatile.Read(ref words[slot / BitsPerWord]) & Bit(slot)) != 0;

    /// <summary>
    /// Sets the bits of a run, each after what was written before (release): what the slots hold is visible to whoever sees the bits. Words that are
    /// wholly its own are nobody else's to change.
    /// </summary>
    public void Set(nint start, nint count)
    {
        nint end = start + count;
        while (start < end)
        {
            nint word = start / BitsPerWord;
            nint stop = Math.Min(end, (word + 1) * BitsPerWord);
            if (stop - start == BitsPerWord)
            {
                Volatile.Write(ref words[word], ulong.MaxValue);
            }
            else
            {
                Interlocked.Or(ref words[word], (Bit(stop - start) - 1) << (int)(start % BitsPerWord));
            }

            start = stop;
        }
    }

    /// <summary>The first slot from <paramref name="start"/> on whose bit is not set, or <paramref name="end"/>.</summary>
    public nint FirstUnset(nint start, nint end)
    {
        while (start < end)
        {
            int offset = (int)(start % BitsPerWord);
            ulong unset = ~Volatile.Read(ref words[start / BitsPerWord]) >> offset;
            if (unset != 0)
            {
                return Math.Min(start + BitOperations.TrailingZeroCount(unset), end);
            }

            start += BitsPerWord - offset;
        }

        return end;
    }

    private static ulong Bit(nint slot) => 1UL << (int)(slot % BitsPerWord);
}
