using System.Runtime.CompilerServices;
using MemoryPages.Mapping;

namespace MemoryPages.Tests.Virtual;

/// <summary>Where a buffer lies, and what the kernel says of it.</summary>
internal static class VirtualBufferWitness
{
    public static readonly nuint Page = PageSize.Base;

    /// <summary>Tries of a test of what all programs of the machine change.</summary>
    private const int Attempts = 10;

    public static nuint Address(VirtualBuffer buffer) => Mapping(buffer).Address;

    /// <summary>The range of whole pages.</summary>
    public static PageRange Pages(int first, int count = 1) => new((nuint)first * Page, (nuint)count * Page);

    public static VirtualBuffer Committed(int pages)
    {
        VirtualBuffer buffer = VirtualBuffer.Reserve((nuint)pages * Page);
        buffer.Commit(0, buffer.Length);
        return buffer;
    }

    /// <summary>The kernel's access strings of each page: <c>rw-</c>.</summary>
    public static string[] Access(VirtualBuffer buffer)
    {
        nuint start = Address(buffer);
        string[] access = new string[buffer.Length / Page];
        foreach (SystemMap region in Regions(buffer))
        {
            for (nuint page = Math.Max(region.Start, start); page < Math.Min(region.End, start + buffer.Length); page += Page)
            {
                access[(page - start) / Page] = region.Access[..3];
            }
        }

        return access;
    }

    public static List<SystemMap> Regions(VirtualBuffer buffer) => SystemMap.Between(Address(buffer), Address(buffer) + buffer.Length);

    public static bool[] Present(VirtualBuffer buffer) => SystemMap.Present(Address(buffer), buffer.Length);

    public static nuint Rss(VirtualBuffer buffer) => Regions(buffer).Aggregate((nuint)0, (sum, region) => sum + region.Bytes("Rss"));

    /// <summary>Whether the kernel counts the page to what it has promised: VM_ACCOUNT.</summary>
    public static bool IsCharged(VirtualBuffer buffer, int page) => SystemMap.At(Address(buffer) + ((nuint)page * Page))!.HasFlag("ac");

    public static void Fill(VirtualBuffer buffer, PageRange range, byte value)
    {
        using WriteView view = buffer.Write(range);
        view.Span.Fill(value);
    }

    public static void AssertHolds(VirtualBuffer buffer, PageRange range, byte value)
    {
        using ReadView view = buffer.Read(range);
        Assert.Equal(-1, view.Span.IndexOfAnyExcept(value));
    }

    public static bool CanRead(VirtualBuffer buffer, PageRange range) => Can(() => { using ReadView view = buffer.Read(range); });

    public static bool CanWrite(VirtualBuffer buffer, PageRange range) => Can(() => { using WriteView view = buffer.Write(range); });

    /// <summary>What an action adds to the commit charge of the machine, which other programs change too: tried again until it is as expected.</summary>
    public static void AssertCharge(long expected, long tolerance, Action prepare, Action action, Action undo)
    {
        long change = 0;
        for (int i = 0; i < Attempts; i++)
        {
            prepare();
            long before = SystemMap.Machine("Committed_AS");
            action();
            change = SystemMap.Machine("Committed_AS") - before;
            undo();
            if (Math.Abs(change - expected) <= tolerance)
            {
                return;
            }
        }

        Assert.Fail($"Committed_AS changed by {change}, not by {expected}.");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mapping")]
    private static extern ref MappingHandle Mapping(VirtualBuffer buffer);

    private static bool Can(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
