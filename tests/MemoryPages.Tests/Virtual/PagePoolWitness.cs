using System.Runtime.InteropServices;
using MemoryPages.Virtual;

namespace MemoryPages.Tests.Virtual;

/// <summary>Sees a pool's blocks as addresses, and as the kernel sees them.</summary>
internal static unsafe class PagePoolWitness
{
    public const nuint Block = 64 << 10;

    public static nuint Page => PageSize.Base;

    public static nuint AddressOf(scoped in RentedPages rented) =>
        (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(rented.Span));

    /// <summary>Rents as the public method does, without the ref struct: tests hold many.</summary>
    public static List<PoolBlock> Rent(PagePool pool, nuint length, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.RentBlock(length))];

    public static void Return(IEnumerable<PoolBlock> blocks)
    {
        foreach (PoolBlock block in blocks.ToArray())
        {
            block.Pool.Return(block, block.Ticket);
        }
    }

    public static Span<byte> Bytes(PoolBlock block) => new((void*)block.Address, (int)block.Length);

    /// <summary>Writes to every page.</summary>
    public static void Fill(PoolBlock block, byte value = 0xEE) => Bytes(block).Fill(value);

    /// <summary>Bytes that are in memory, by the page tables.</summary>
    public static nuint Resident(IEnumerable<PoolBlock> blocks) =>
        (nuint)blocks.Sum(block => SystemMap.Present(block.Address, block.Length).Count(present => present)) * Page;

    /// <summary>Whether the kernel charges the address to what it has promised.</summary>
    public static bool IsCharged(nuint address) => SystemMap.At(address)!.HasFlag("ac");

    public static bool IsMapped(nuint address) => SystemMap.At(address) is not null;
}
