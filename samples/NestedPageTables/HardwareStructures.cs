using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Samples.NestedPageTables;

/// <summary>One level of page tables: 512 entries, a page of its own.</summary>
[Alignment(PageSize)]
[InlineArray(Entries)]
internal struct PageTable
{
    public const int Entries = 512;
    public const int PageSize = 4096;

    private ulong _first;
}

/// <summary>AMD's virtual machine control block, as far as the sample fills it in (APM volume 2, appendix B).</summary>
[Alignment(PageTable.PageSize)]
[StructLayout(LayoutKind.Explicit, Size = PageTable.PageSize)]
internal struct ControlBlock
{
    /// <summary>Where the permission map for ports is.</summary>
    [FieldOffset(0x040)]
    public ulong PortPermissions;

    /// <summary>Bit 0: nested paging.</summary>
    [FieldOffset(0x090)]
    public ulong NestedPaging;

    /// <summary>Where the root of the nested page tables is.</summary>
    [FieldOffset(0x0B0)]
    public ulong NestedRoot;

    /// <summary>The guest's instruction pointer.</summary>
    [FieldOffset(0x578)]
    public ulong InstructionPointer;
}

/// <summary>A bit for each port of the machine, in three pages that lie side by side.</summary>
[Alignment(PageTable.PageSize)]
[InlineArray(3 * PageTable.PageSize)]
internal struct PortPermissionMap
{
    private byte _first;
}
