using System.Globalization;
using MemoryPages.Tests.Simulation;

namespace MemoryPages.Tests.Failures;

/// <summary>What the kernel says, for comparing with the model after each step: maps and mem rather than smaps, for speed.</summary>
internal static class ModelState
{
    /// <summary>Every page of them is as the model says: access, content.</summary>
    public static void AssertAre(List<ModelSubject> subjects)
    {
        List<(nuint, nuint, string)> mappings = Mappings();
        foreach (ModelSubject subject in subjects)
        {
            AssertAccess(mappings, subject.Address, new PageRange(0, (nuint)subject.Content.Length), subject.Access);
            byte[] actual = Content(subject.Address, subject.Content.Length);
            int difference = actual.AsSpan().CommonPrefixLength(subject.Content);
            Assert.True(difference == actual.Length, $"Content differs from byte {difference} of {actual.Length} on.");
        }
    }

    /// <summary>The pages of the range, rounded outward, have this access: all of them, with no hole.</summary>
    public static void AssertAccess(nuint address, PageRange range, string access) => AssertAccess(Mappings(), address, range, access);

    private static void AssertAccess(List<(nuint First, nuint Last, string Access)> mappings, nuint address, PageRange range, string access)
    {
        nuint start = PageSize.AlignDown(address + range.Offset, PageSize.Base);
        nuint end = range.Length == 0 ? start : PageSize.AlignUp(address + range.Offset + range.Length, PageSize.Base);
        foreach ((nuint first, nuint last, string is_) in Overlapping(mappings, start, end))
        {
            Assert.True(first <= start, $"A hole at {start:x}.");
            Assert.Equal(SimulatedRun.Shown(access), is_);
            start = Math.Min(last, end);
        }

        Assert.Equal(end, start);
    }

    /// <summary>Unmapped, or (where a stray span might still look) kept without access.</summary>
    public static void AssertGone(nuint address, nuint length, bool mayBeReserved)
    {
        foreach ((nuint first, _, string access) in Overlapping(Mappings(), address, address + length))
        {
            // Shared mappings are the runtime's own: it may have been given the addresses already.
            Assert.True(access.EndsWith('s') || (mayBeReserved && access == "---p"), $"{first:x} is mapped still: {access}.");
        }
    }

    public static byte[] Content(nuint address, int length)
    {
        using FileStream memory = File.OpenRead(Needed.File("/proc/self/mem"));
        memory.Position = (long)address;
        byte[] content = new byte[length];
        memory.ReadExactly(content);
        return content;
    }

    private static IEnumerable<(nuint First, nuint Last, string Access)> Overlapping(
        List<(nuint First, nuint Last, string Access)> mappings, nuint start, nuint end) =>
        mappings.Where(mapping => start < end && mapping.First < end && mapping.Last > start);

    private static List<(nuint First, nuint Last, string Access)> Mappings() =>
    [
        .. from line in File.ReadLines(Needed.File("/proc/self/maps"))
           let dash = line.IndexOf('-')
           let space = line.IndexOf(' ')
           select (Address(line.AsSpan(0, dash)), Address(line.AsSpan(dash + 1, space - dash - 1)), line.Substring(space + 1, 4)),
    ];

    private static nuint Address(ReadOnlySpan<char> text) => nuint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
