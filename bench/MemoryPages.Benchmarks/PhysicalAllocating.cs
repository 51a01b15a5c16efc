using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Benchmarks;

/// <summary>Blocks for devices, warm, and where a byte of them is: beside the heap, and the kernel's own table.</summary>
[BenchmarkCategory("Physical")]
public unsafe class PhysicalAllocating
{
    private readonly Layout _small = new(ByteSize.Page.Bytes, ByteSize.Page.Bytes);
    private readonly Layout _large = new(ByteSize.SixteenPages.Bytes, ByteSize.Page.Bytes);
    private PhysicalAllocator _allocator;
    private PhysicalMemory _memory = null!;
    private SafeFileHandle _pageMap = null!;
    private nint _block;

    /// <summary>Why it cannot be measured here, or null.</summary>
    public static string? Obstacle() =>
        !PhysicalAddress.IsVisible ? "this process is shown no physical addresses (CAP_SYS_ADMIN)"
        : !HugePagePool.CanBeRaised(1) ? "no huge page can be added to the pool"
        : null;

    [GlobalSetup]
    public void Setup()
    {
        _allocator = new PhysicalAllocator();
        _block = (nint)_allocator.Allocate(_small).Pointer;
        _memory = PhysicalMemory.Allocate(ByteSize.Page.Bytes);
        _pageMap = File.OpenHandle("/proc/self/pagemap");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pageMap.Dispose();
        _memory.Dispose();
        _allocator.Free((void*)_block, _small);
        _allocator.Trim();
    }

    [Benchmark(Baseline = true)]
    public void NativeOnePage()
    {
        void* block = NativeMemory.AlignedAlloc(_small.Size, _small.Alignment);
        NativeMemory.AlignedFree(block);
    }

    [Benchmark]
    public void PhysicalOnePage()
    {
        AllocatedBlock block = _allocator.Allocate(_small);
        _allocator.Free(block.Pointer, _small);
    }

    [Benchmark]
    public void PhysicalSixteenPages()
    {
        AllocatedBlock block = _allocator.Allocate(_large);
        _allocator.Free(block.Pointer, _large);
    }

    [Benchmark]
    public PhysicalAddress AllocatorAddressOf() => _allocator.AddressOf((byte*)_block + 100);

    [Benchmark]
    public PhysicalAddress MemoryAddressOf() => _memory.AddressOf(100);

    /// <summary>What a program does by hand: one read of the kernel's table, the file kept open.</summary>
    [Benchmark]
    public ulong RawPageMapRead()
    {
        ulong entry = 0;
        _ = RandomAccess.Read(_pageMap, new Span<byte>(&entry, sizeof(ulong)), (long)((nuint)_block / PageSize.Base * sizeof(ulong)));
        return entry;
    }
}
