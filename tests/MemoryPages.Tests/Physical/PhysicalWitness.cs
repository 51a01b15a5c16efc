using System.Globalization;
using System.Runtime.InteropServices;
using MemoryPages.Tests.Effects;

namespace MemoryPages.Tests.Physical;

/// <summary>Where memory is, as the kernel tells the tests themselves, and what physical memory needs to be had at all.</summary>
internal static unsafe class PhysicalWitness
{
    public static void SkipUnlessVisible() => Assert.SkipUnless(Frames.CanSee, "The kernel shows frames to CAP_SYS_ADMIN only.");

    public static nuint AddressOf(PhysicalMemory memory)
    {
        using ReadView view = memory.Read(new PageRange(0, 1));
        return (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(view.Span));
    }

    /// <summary>The physical address of each base page.</summary>
    public static ulong[] FramesOf(PhysicalMemory memory) => [.. Frames.Of(AddressOf(memory), memory.Length).Select(frame => frame * PageSize.Base)];

    /// <summary>Base pages side by side: as many as are looked at may all stand alone where memory is fragmented, as the kernel counts.</summary>
    public static PhysicalMemory TwoBasePages(PhysicalMemoryOptions options)
    {
        try
        {
            return PhysicalMemory.Allocate(2 * PageSize.Base, options with { PageSize = PageSize.Base });
        }
        catch (MemoryPagesException refused) when (refused.Reason == ErrorReason.NoSuchFrames)
        {
            const int LookedAt = 4096;
            long alone = File.ReadLines("/proc/buddyinfo").Sum(zone => long.Parse(zone.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture));
            Assert.SkipWhen(alone >= LookedAt, $"This machine has {alone:N0} free pages that stand alone (/proc/buddyinfo): its memory is fragmented.");
            throw;
        }
    }

    /// <summary>Every byte's address that is looked at is what the kernel says, and the segments are the same, merged.</summary>
    public static void AssertTold(PhysicalMemory memory)
    {
        ulong[] frames = FramesOf(memory);
        Assert.DoesNotContain(0ul, frames);
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.Equal(new PhysicalAddress(frames[i]), memory.AddressOf((nuint)i * PageSize.Base));
            Assert.Equal(new PhysicalAddress(frames[i] + PageSize.Base - 1), memory.AddressOf(((nuint)(i + 1) * PageSize.Base) - 1));
        }

        nuint at = 0;
        foreach (PhysicalSegment segment in memory.Segments)
        {
            Assert.Equal(memory.AddressOf(at), segment.Address);
            Assert.Equal(memory.AddressOf(at + segment.Length - 1), segment.Address + (segment.Length - 1));
            at += segment.Length;
        }

        Assert.Equal(memory.Length, at);
        Assert.True(memory.VerifyAddresses());
    }

    /// <summary>
    /// Skips where memory is so fragmented that no two free pages of the pool are neighbours: looked up without what is tested.
    /// </summary>
    /// <param name="alignment">Of the first one's address.</param>
    public static unsafe void SkipUnlessNeighboursAreFree(nuint alignment = 1)
    {
        nuint huge = HugePagePool.Size;
        nuint length = (nuint)HugePagePool.Free * huge;
        nint address = Kernel.Map(0, length, Kernel.ReadBit | Kernel.WriteBit, Kernel.PrivateAnonymous | Kernel.HugePage, -1, 0);
        Assert.NotEqual(Kernel.Failed, address);
        var starts = new HashSet<ulong>();
        for (nuint offset = 0; offset < length; offset += huge)
        {
            *((byte*)address + offset) = 1;
            starts.Add(Frames.Of((nuint)address + offset, PageSize.Base)[0] * PageSize.Base);
        }

        _ = Kernel.Unmap(address, length);
        Assert.SkipUnless(
            starts.Any(start => start % alignment == 0 && starts.Contains(start + huge)),
            $"Of the {starts.Count} free huge pages of this machine no two are neighbours: its memory is fragmented.");
    }

    public static void AssertContiguous(PhysicalMemory memory)
    {
        ulong[] frames = FramesOf(memory);
        Assert.Equal(Enumerable.Range(0, frames.Length).Select(i => frames[0] + ((ulong)i * PageSize.Base)), frames);
    }
}
