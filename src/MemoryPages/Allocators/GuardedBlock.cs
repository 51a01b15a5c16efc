using System.Diagnostics;
using System.Runtime.InteropServices;
using MemoryPages.Platform;
using MemoryPages.Unsafe;

namespace MemoryPages.Allocators;

/// <summary>A block of a guarded allocator: right against an inaccessible page, behind another, with canaries where pages leave room.</summary>
/// <remarks>
/// Guards are made by advice, which takes no map entries; where the kernel does not give it (before Linux 6.13, locked memory), by protection.
/// </remarks>
/// <param name="memory">What holds it all.</param>
/// <param name="memoryLayout">The layout of that.</param>
/// <param name="layout">What the user asked for.</param>
internal sealed unsafe class GuardedBlock(AllocatedBlock memory, Layout memoryLayout, Layout layout)
{
    private const byte Canary = 0xC5;
    private const byte Fresh = 0xBE;
    private readonly nuint _start = memory.Address + memoryLayout.Alignment; // of the pages between the guards
    private readonly nuint _end = memory.Address + memoryLayout.Size - PageSize.Base;
    private readonly StackTrace _allocated = new(fNeedFileInfo: false);
    private StackTrace? _freed;
    private bool _byProtection;

    public AllocatedBlock Memory => memory;

    public Layout MemoryLayout => memoryLayout;

    public Layout Layout => layout;

    public string AllocationStack => Text(_allocated);

    public bool IsFreed => _freed is not null;

    public string? FreeStack => _freed is null ? null : Text(_freed);

    /// <summary>The user's first byte: as far behind as its alignment allows, so that one byte too many is in the guard.</summary>
    public nuint Address => (_end - layout.Size) & ~(layout.Alignment - 1);

    /// <summary>
    /// What holds a block: a guard in front that is as large as the alignment (so that pages behind it are aligned, too), its pages, and a guard
    /// behind. False where no address space has that.
    /// </summary>
    public static bool TryGetMemoryLayout(Layout layout, out Layout memoryLayout)
    {
        nuint page = PageSize.Base;
        nuint alignment = Math.Max(layout.Alignment, page);
        bool fits = layout.Size <= (nuint)nint.MaxValue - (3 * alignment) - (2 * page);
        memoryLayout = fits ? new Layout(alignment + PageSize.AlignUp(layout.Size, page) + page, alignment) : default;
        return fits;
    }

    /// <summary>Makes guards and canaries. On failure the memory is as it was.</summary>
    public SystemError Arm(bool zeroed)
    {
        nuint behind = memory.Address + memoryLayout.Size - _end;
        SystemError error = Guard(memory.Address, _start - memory.Address);
        if (!error.Failed)
        {
            error = Guard(_end, behind);
            if (error.Failed)
            {
                _ = Unguard(memory.Address, _start - memory.Address);
            }
        }

        if (!error.Failed)
        {
            Before.Fill(Canary);
            Behind.Fill(Canary);
            if (zeroed)
            {
                NativeMemory.Clear((void*)Address, layout.Size);
            }
            else
            {
                NativeMemory.Fill((void*)Address, layout.Size, Fresh); // who reads it unwritten sees that
            }
        }

        return error;
    }

    /// <summary>What was written beside it, or null.</summary>
    public AllocatorMisuseKind? Damage =>
        Behind.ContainsAnyExcept(Canary) ? AllocatorMisuseKind.Overflow : Before.ContainsAnyExcept(Canary) ? AllocatorMisuseKind.Underflow : null;

    /// <summary>
    /// Freed: any access is a fault from here on, and its memory is back with the system. Where that cannot be had, it is at least overwritten.
    /// </summary>
    public void Bury()
    {
        _freed = new StackTrace(fNeedFileInfo: false);
        if (_end != _start && Guard(_start, _end - _start).Failed)
        {
            NativeMemory.Fill((void*)Address, layout.Size, Canary);
        }
    }

    /// <summary>Makes it ordinary memory again, to be given back. On failure it stays as it is.</summary>
    public bool TryDisarm() => !Unguard(memory.Address, memoryLayout.Size).Failed;

    private Span<byte> Before => new((void*)_start, (int)(Address - _start));

    private Span<byte> Behind => new((void*)(Address + layout.Size), (int)(_end - Address - layout.Size));

    private SystemError Guard(nuint address, nuint length)
    {
        MemorySystem system = MemorySystem.Current;
        if (!_byProtection && !system.Advise(address, length, UncheckedAdvice.GuardInstall).Failed)
        {
            return SystemError.None;
        }

        _ = system.Advise(address, length, UncheckedAdvice.GuardRemove); // of those that were made before it failed
        SystemError error = system.Protect(address, length, PageProtection.None);
        _byProtection |= !error.Failed;
        return error;
    }

    private SystemError Unguard(nuint address, nuint length)
    {
        // Guards of both kinds may be here.
        SystemError error = MemorySystem.Current.Advise(address, length, UncheckedAdvice.GuardRemove);
        return _byProtection ? MemorySystem.Current.Protect(address, length, PageProtection.Read | PageProtection.Write) : error;
    }

    /// <summary>Without the library's own frames: how many there are, the JIT decides.</summary>
    private static string Text(StackTrace stack) => string.Join('\n', stack.ToString().Split('\n').SkipWhile(static frame =>
        frame.StartsWith("   at MemoryPages.GuardedAllocator", StringComparison.Ordinal)
        || frame.StartsWith("   at MemoryPages.AllocatorForms", StringComparison.Ordinal)
        || frame.StartsWith("   at MemoryPages.Allocators.", StringComparison.Ordinal)));
}
