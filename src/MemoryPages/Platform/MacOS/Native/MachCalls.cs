using System.Runtime.InteropServices;

namespace MemoryPages.Platform.MacOS.Native;

/// <summary>mach_vm_remap, mach_vm_allocate, mach_vm_region_recurse, mach_vm_read_overwrite: the kernel's own view of address spaces.</summary>
/// <remarks>
/// Constants and structures: XNU's osfmk/mach/vm_statistics.h, vm_region.h, vm_behavior.h, kern_return.h; eng/macos/constants.tsv has the line of
/// each. These calls return the error; errno is not theirs. None is variadic: what does not fit into registers is packed on the stack by its size,
/// which the runtime does on Apple's arm64 too, given exact types.
/// </remarks>
internal static unsafe partial class MachCalls
{
    public const int KERN_SUCCESS = 0;
    public const int KERN_INVALID_ADDRESS = 1;
    public const int KERN_PROTECTION_FAILURE = 2;
    public const int KERN_NO_SPACE = 3;
    public const int KERN_RESOURCE_SHORTAGE = 6;
    public const int KERN_NO_ACCESS = 8;

    public const int VM_FLAGS_FIXED = 0;
    public const int VM_FLAGS_OVERWRITE = 0x4000;

    /// <summary>Pages of 2 MiB, on Intel's processors only. For mmap(2) in place of the descriptor.</summary>
    public const int VM_FLAGS_SUPERPAGE_SIZE_2MB = 2 << 16;

    /// <summary>Share modes of a region: no other mapping has its memory.</summary>
    public const byte SM_PRIVATE = 2;
    public const byte SM_SHARED = 4;
    public const byte SM_TRUESHARED = 5;

    /// <summary>Another mapping of this process has the same memory, and no other process.</summary>
    public const byte SM_PRIVATE_ALIASED = 6;
    public const byte SM_SHARED_ALIASED = 7;
    public const byte SM_LARGE_PAGE = 8;

    /// <summary>What madvise(2) has said of a region, as the kernel tells it.</summary>
    public const int VM_BEHAVIOR_RANDOM = 1;
    public const int VM_BEHAVIOR_SEQUENTIAL = 2;

    /// <summary>What the macro mach_task_self() is at first; it never changes for a process.</summary>
    [LibraryImport("libSystem")]
    public static partial uint task_self_trap();

    [LibraryImport("libSystem")]
    public static partial int mach_vm_remap(
        uint target, ulong* address, ulong size, ulong mask, int flags, uint source, ulong sourceAddress, int copy,
        int* protection, int* maximum, uint inheritance);

    [LibraryImport("libSystem")]
    public static partial int mach_vm_allocate(uint target, ulong* address, ulong size, int flags);

    /// <summary>
    /// Which of the two structures is filled says <paramref name="count"/>, in words of four bytes; for the longer one the kernel visits every page.
    /// </summary>
    [LibraryImport("libSystem")]
    public static partial int mach_vm_region_recurse(uint target, ulong* address, ulong* size, uint* depth, void* info, uint* count);

    [LibraryImport("libSystem")]
    public static partial int mach_vm_read_overwrite(uint target, ulong address, ulong size, ulong destination, ulong* copied);

    /// <summary>libproc's: the path of the file that is mapped there, and its length; 0 where there is none.</summary>
    [LibraryImport("libSystem")]
    public static partial int proc_regionfilename(int process, ulong address, byte* path, uint size);

    /// <summary>struct vm_region_submap_short_info_64, packed to four bytes: as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    public struct RegionFacts
    {
        [FieldOffset(0)]
        public int Protection;

        [FieldOffset(8)]
        public uint Inheritance;

        [FieldOffset(30)]
        public byte ExternalPager;

        [FieldOffset(31)]
        public byte ShareMode;

        [FieldOffset(36)]
        public int Behavior;

        [FieldOffset(44)]
        public ushort UserWiredCount;
    }

    /// <summary>struct vm_region_submap_info_64, packed to four bytes: as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 76)]
    public struct RegionDetails
    {
        [FieldOffset(0)]
        public int Protection;

        [FieldOffset(24)]
        public uint PagesResident;

        [FieldOffset(46)]
        public byte ExternalPager;

        [FieldOffset(47)]
        public byte ShareMode;

        [FieldOffset(60)]
        public ushort UserWiredCount;

        [FieldOffset(64)]
        public uint PagesReusable;
    }
}
