using System.Runtime.InteropServices;

namespace MemoryPages.Virtual;

/// <summary>
/// The words of a concurrent list, placed by who writes them: two cache lines (128 bytes: processors fetch pairs) away from everything else.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct AppendState
{
    /// <summary>Slots handed out; far below zero when the list is closed. Every append writes it.</summary>
    [FieldOffset(128)]
    public long Claimed;

    /// <summary>All slots below are published. It only grows. Beside <see cref="Claimed"/>: an append that is not overtaken writes both.</summary>
    [FieldOffset(136)]
    public long Frontier;

    /// <summary>What appends may claim up to without asking: read by each, written when the list grows.</summary>
    [FieldOffset(256)]
    public long Soft;

    /// <summary>Slots that have memory, and a bit that has.</summary>
    [FieldOffset(264)]
    public long Hard;
}
