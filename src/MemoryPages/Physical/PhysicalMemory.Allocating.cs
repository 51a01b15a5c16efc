using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Physical;
using MemoryPages.Platform;

namespace MemoryPages;

/// <content>How it comes to be: pages are taken until some lie as wished, made to stay, and verified frame by frame.</content>
public sealed partial class PhysicalMemory
{
    /// <summary>Memory of whole pages in frames that are as wished, resident, zeroed.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Where; <c>default</c> for neighbouring frames anywhere.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options ask for what nothing can be: no such node, no such page size, an address too low.</exception>
    /// <exception cref="PlatformNotSupportedException">A hold is required that this machine, or the limits of this process, do not give.</exception>
    /// <exception cref="MemoryPagesException">
    /// The process is not shown physical addresses (<see cref="ErrorReason.AccessDenied"/>), no pages lie as wished
    /// (<see cref="ErrorReason.NoSuchFrames"/>), the pool of huge pages is short (<see cref="ErrorReason.NoHugePages"/>), or a limit is reached.
    /// Nothing is left of the attempt.
    /// </exception>
    /// <remarks>
    /// The smallest page size of which enough lie side by side is used: a base page for up to one, neighbouring base pages for a few, then pages of
    /// the pool of huge pages, of each size in turn, side by side where one is not enough. Free pages of the pool are taken for a moment to look
    /// where they are.
    /// </remarks>
    public static PhysicalMemory Allocate(nuint length, in PhysicalMemoryOptions options = default)
    {
        var attempt = new PhysicalAttempt(length, options);
        SystemError error = TryAllocate(attempt, options, out PhysicalMemory? memory);
        return memory ?? throw new MemoryPagesException(error, attempt.Describe(nameof(Allocate)));
    }

    /// <summary>As <see cref="Allocate"/>; false where the system refuses. Nothing is left of the attempt.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Where; <c>default</c> for neighbouring frames anywhere.</param>
    /// <param name="memory">The memory, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="ArgumentException">The options ask for what nothing can be.</exception>
    /// <exception cref="PlatformNotSupportedException">A hold is required that this machine, or the limits of this process, do not give.</exception>
    public static bool TryAllocate(nuint length, in PhysicalMemoryOptions options, [NotNullWhen(true)] out PhysicalMemory? memory) =>
        !TryAllocate(new PhysicalAttempt(length, options), options, out memory).Failed;

    private static SystemError TryAllocate(PhysicalAttempt attempt, in PhysicalMemoryOptions options, out PhysicalMemory? memory)
    {
        SystemError error = attempt.Run(out MappingHandle? mapping, out FrameTable? frames);
        memory = error.Failed ? null : new PhysicalMemory(mapping!, frames!, attempt.Hold, options.Node);
        return error;
    }
}
