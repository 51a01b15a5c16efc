#pragma warning disable MP1008 // the benchmark class owns the pages as long as the pointer

using BenchmarkDotNet.Attributes;
using MemoryPages.Unsafe;

namespace MemoryPages.Benchmarks;

/// <summary>Read-write to read-only or executable, and back. Present pages cost more: the kernel has page tables to change and a translation cache to flush.</summary>
[BenchmarkCategory("Protection")]
public class Protection
{
    private readonly ByteSize _size = ByteSize.SixteenPages;
    private Pages<ReadWrite> _pages = null!;
    private unsafe byte* _raw;

    [Params(false, true)]
    public bool Present { get; set; }

    [GlobalSetup]
    public unsafe void Setup()
    {
        _pages = Pages.Allocate(_size.Bytes, new AllocationOptions { NearAddress = RawSystem.PlaceBetweenGuards(_size.Bytes) });

        // The rival changes the very same pages, and leaves them as they were: what a call costs depends on where in the kernel's tree of mappings
        // a range happens to be, by up to ten per cent between two ranges of one process.
        _raw = _pages.DangerousPointer();
        if (Present)
        {
            _pages.Prefault();
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _pages.Dispose();

    [Benchmark(Baseline = true)]
    public unsafe void RawMprotect()
    {
        RawSystem.Protect(_raw, _size.Bytes, RawSystem.ReadAccess);
        RawSystem.Protect(_raw, _size.Bytes, RawSystem.ReadWriteAccess);
    }

    [Benchmark]
    public void PagesProtect() => _pages = _pages.Protect<ReadOnly>().Protect<ReadWrite>();

    [Benchmark]
    public unsafe void RawMprotectExecute()
    {
        RawSystem.Protect(_raw, _size.Bytes, RawSystem.ReadExecuteAccess);
        RawSystem.Protect(_raw, _size.Bytes, RawSystem.ReadWriteAccess);
    }

    [Benchmark]
    public void PagesProtectExecute() => _pages = _pages.Protect<ReadExecute>().Protect<ReadWrite>();

    [Benchmark]
    public void PagesProtectScope()
    {
        using ProtectionScope<ReadOnly> scope = _pages.ProtectScope<ReadOnly>(new PageRange(0, _size.Bytes));
    }
}
