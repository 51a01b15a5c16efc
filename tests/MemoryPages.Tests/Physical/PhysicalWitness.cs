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

    public static void AssertContiguous(PhysicalMemory memory)
    {
        ulong[] frames = FramesOf(memory);
        Assert.Equal(Enumerable.Range(0, frames.Length).Select(i => frames[0] + ((ulong)i * PageSize.Base)), frames);
    }
}
