using System.Globalization;
using System.Text;
using MemoryPages.Allocators;

namespace MemoryPages;

/// <summary>What was done wrong with memory of a <see cref="GuardedAllocator{TAllocator}"/>.</summary>
public enum AllocatorMisuseKind
{
    /// <summary>A block was freed, grown or shrunk that had been freed before.</summary>
    UseAfterFree,

    /// <summary>A block was freed, grown or shrunk that no guarded allocator gave.</summary>
    UnknownBlock,

    /// <summary>A block was freed, grown or shrunk through another allocator than it came from.</summary>
    WrongInstance,

    /// <summary>A block was freed, grown or shrunk with another layout than it was allocated with.</summary>
    WrongLayout,

    /// <summary>Bytes behind a block were written.</summary>
    Overflow,

    /// <summary>Bytes in front of a block were written.</summary>
    Underflow,

    /// <summary>A block was not freed when the allocator was disposed.</summary>
    Leak,
}

/// <summary>Something that a <see cref="GuardedAllocator{TAllocator}"/> found.</summary>
public sealed record AllocatorMisuse
{
    /// <summary>What was done wrong.</summary>
    public required AllocatorMisuseKind Kind { get; init; }

    /// <summary>The block's address, as it was given.</summary>
    public required nuint Address { get; init; }

    /// <summary>The layout that the block was allocated with; <c>default</c> for an unknown one.</summary>
    public Layout Layout { get; init; }

    /// <summary>The layout that was given now.</summary>
    public Layout GivenLayout { get; init; }

    /// <summary>Where the block was allocated, or null.</summary>
    public string? AllocationStack { get; init; }

    /// <summary>Where it was freed first, or null.</summary>
    public string? FreeStack { get; init; }

    /// <summary>Everything that is known, for people: several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Sentence}: {Layout.Size:N0} bytes at 0x{Address:x}, alignment {Layout.Alignment}.");
        if (Kind == AllocatorMisuseKind.WrongLayout)
        {
            text.Append(CultureInfo.InvariantCulture, $" Given were {GivenLayout.Size:N0} bytes, alignment {GivenLayout.Alignment}.");
        }

        Append(text, "Allocated", AllocationStack);
        Append(text, "Freed", FreeStack);
        return text.ToString();
    }

    internal static AllocatorMisuse Of(AllocatorMisuseKind kind, nuint address, Layout given, GuardedBlock? block) => new()
    {
        Kind = kind,
        Address = address,
        Layout = block?.Layout ?? default,
        GivenLayout = given,
        AllocationStack = block?.AllocationStack,
        FreeStack = block?.FreeStack,
    };

    private string Sentence => Kind switch
    {
        AllocatorMisuseKind.UseAfterFree => "A block was used that had been freed",
        AllocatorMisuseKind.UnknownBlock => "No guarded allocator gave this block",
        AllocatorMisuseKind.WrongInstance => "A block came to another allocator than it was from",
        AllocatorMisuseKind.WrongLayout => "A block came back with another layout",
        AllocatorMisuseKind.Overflow => "Bytes behind a block were written",
        AllocatorMisuseKind.Underflow => "Bytes in front of a block were written",
        _ => "A block was not freed",
    };

    private static void Append(StringBuilder text, string what, string? stack)
    {
        if (stack is not null)
        {
            text.AppendLine().Append(what).AppendLine(":").Append(stack.TrimEnd());
        }
    }
}
