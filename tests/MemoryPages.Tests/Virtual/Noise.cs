using System.Numerics;

namespace MemoryPages.Tests.Reserved;

/// <summary>Bytes and numbers that look like chance and are the same in every run: xorshift64*.</summary>
internal struct Noise(ulong seed)
{
    private ulong _state = (seed * 0x9E3779B97F4A7C15) | 1;

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>Less than the bound.</summary>
    public int Next(int bound) => (int)(Next() % (ulong)bound);

    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
        {
            b = (byte)BitOperations.RotateLeft(Next(), 9);
        }
    }
}
