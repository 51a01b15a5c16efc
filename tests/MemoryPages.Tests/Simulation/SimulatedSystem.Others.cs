using System.Runtime.InteropServices;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tests.Simulation;

/// <content>Code, shared and secret memory, the heap; and what this system does not have.</content>
internal sealed unsafe partial class SimulatedSystem
{
    public override bool SealingSupported => facts.Seals;

    public override bool PrefersDualMappedCode => facts.PrefersDualMappedCode;

    public override bool FilesGrowUnderMappings => true;

    public override bool FlushNeedsFile => facts.FlushNeedsFile;

    public override bool SecretHidingSupported => false;

    public override bool FileCacheFactsSupported => false;

    public override nuint HeapAlignment => 16;

    public override void PublishCode(nuint address, nuint length) => _processor.PublishCode(address, length);

    public override SystemError MapDual(nuint reserved, nuint length, string? name, out MappedRange writable)
    {
        lock (_gate)
        {
            writable = default;
            if (IsRefused(out SystemError error) || IsMisused(reserved, length, out error, mayBeReserved: true))
            {
                return error;
            }

            if (!TryPlace(0, length, 0, PageSize, out writable))
            {
                return new SystemError(nameof(MapDual), NoRoom);
            }

            using SafeFileHandle memory = MemoryFile(length);
            MapReally(memory, reserved, length, (int)(PageProtection.Read | PageProtection.Execute));
            MapReally(memory, writable.Address, length, Kernel.ReadBit | Kernel.WriteBit);
            _table.Change(reserved, reserved + length, page => Shared(PageProtection.Read | PageProtection.Execute) with { Mapping = page.Mapping });
            Enter(writable, length, Shared(PageProtection.Read | PageProtection.Write));
            return SystemError.None;
        }
    }

    public override SystemError Seal(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error))
            {
                return error;
            }

            if (!facts.Seals)
            {
                return new SystemError(nameof(Seal), NotThere);
            }

            _table.Change(address, address + length, page => page with { IsSealed = true });
            return SystemError.None;
        }
    }

    public override nuint? NearestGap(in ReserveRequest request) => FindGap(request, nuint.MaxValue);

    public override SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error))
            {
                return error;
            }

            int descriptor = Kernel.CreateMemoryFile(name ?? "simulated", 1);
            Must(descriptor >= 0);
            Marshal.InitHandle(file, descriptor);
            RandomAccess.SetLength(file, (long)length);
            return SystemError.None;
        }
    }

    public override SystemError MapSecret(nuint length, out MappedRange range, out SecretProtection protection)
    {
        lock (_gate)
        {
            protection = SecretProtection.Locked | SecretProtection.Guarded;
            range = default;
            var request = new AnonymousRequest
            {
                Length = length, PageSize = PageSize, Alignment = PageSize, Guard = PageSize, Protection = PageProtection.Read | PageProtection.Write,
            };
            if (IsRefused(out SystemError error) || (error = MapAnonymous(request, out range)).Failed)
            {
                return error;
            }

            error = Lock(range.Address, length, LockMode.Resident);
            if (error.Failed)
            {
                _ = Unmap(range.ReservedAddress, range.ReservedLength);
                range = default;
            }

            return error;
        }
    }

    public override void Wipe(nuint address, nuint length)
    {
        lock (_gate)
        {
            Must(Kernel.Protect((nint)address, length, Kernel.ReadBit | Kernel.WriteBit) == 0);
            _table.Change(address, address + length, page => page with { Protection = PageProtection.Read | PageProtection.Write });
            NativeMemory.Clear((void*)address, length);
        }
    }

    public override void* HeapAllocate(nuint size) => NativeMemory.Alloc(size);

    public override void* HeapAllocateZeroed(nuint size) => NativeMemory.AllocZeroed(size);

    public override void* HeapReallocate(void* block, nuint size) => NativeMemory.Realloc(block, size);

    public override void HeapFree(void* block) => NativeMemory.Free(block);

    public override void* HeapAllocateAligned(nuint size, nuint alignment) => NativeMemory.AlignedAlloc(size, alignment);

    public override void HeapFreeAligned(void* block) => NativeMemory.AlignedFree(block);

    // What it does not have.

    public static IEnumerable<string> AbsentCalls { get; } =
    [
        nameof(CreateNamedMemory), nameof(OpenNamedMemory), nameof(RemoveNamedMemory), nameof(OpenOfProcess), nameof(AddSeals), nameof(QuerySeals),
        nameof(SetInheritable), nameof(QueryInheritable), nameof(SendFile), nameof(ReceiveFile), nameof(QueryFileCache),
    ];

    public override SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file) => Absent;

    public override SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file) => Absent;

    public override SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis) => Absent;

    public override SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file) => Absent;

    public override SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals) => Absent;

    public override SystemError SetInheritable(SafeFileHandle file, bool inheritable) => Absent;

    public override SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals)
    {
        seals = SharedMemorySeals.None;
        return Absent;
    }

    public override SystemError QueryInheritable(SafeFileHandle file, out bool inheritable)
    {
        inheritable = false;
        return Absent;
    }

    public override SystemError SendFile(SafeHandle socket, SafeFileHandle file, out bool mustWait)
    {
        mustWait = false;
        return Absent;
    }

    public override SystemError ReceiveFile(SafeHandle socket, SafeFileHandle file, out nuint bytes, out bool mustWait)
    {
        (bytes, mustWait) = (0, false);
        return Absent;
    }

    public override SystemError QueryFileCache(SafeFileHandle file, long offset, long length, out FileCacheFacts facts)
    {
        facts = default;
        return Absent;
    }

    public override SystemError Absent => new("simulated", NotThere);
}
