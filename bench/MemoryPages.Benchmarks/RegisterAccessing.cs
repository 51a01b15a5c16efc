using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>
/// What an access to a register costs beside a raw pointer's. Over ordinary shared memory, which answers in a nanosecond where a device takes hundreds: all that is measured is
/// what stands around the load or store.
/// </summary>
[BenchmarkCategory("Registers")]
public unsafe class RegisterAccessing
{
    private const int Accesses = 1024;

    private SharedMemory _memory = null!;
    private DeviceRegisters _registers = null!;
    private uint* _raw;

    [GlobalSetup]
    public void Setup()
    {
        _memory = SharedMemory.Create(ByteSize.Page.Bytes);
        _registers = DeviceRegisters.Map(_memory.Handle, new PageRange(0, ByteSize.Page.Bytes));
        _raw = (uint*)NativeMemory.AlignedAlloc(ByteSize.Page.Bytes, ByteSize.Page.Bytes);
        _raw[1] = 0;
        _registers.Write32(sizeof(uint), 0);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(_raw);
        _registers.Dispose();
        _memory.Dispose();
    }

    /// <summary>What a driver does by hand, of a register whose value it uses whole.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Accesses)]
    public uint RawRead32()
    {
        uint all = 0;
        for (int i = 0; i < Accesses; i++)
        {
            all |= Volatile.Read(ref _raw[1]);
        }

        return all;
    }

    [Benchmark(OperationsPerInvoke = Accesses)]
    public uint ViewRead32()
    {
        using RegisterView view = _registers.Access();
        uint all = 0;
        for (int i = 0; i < Accesses; i++)
        {
            all |= view.Read32(sizeof(uint));
        }

        return all;
    }

    /// <summary>A lease for each access.</summary>
    [Benchmark(OperationsPerInvoke = Accesses)]
    public uint RegistersRead32()
    {
        uint all = 0;
        for (int i = 0; i < Accesses; i++)
        {
            all |= _registers.Read32(sizeof(uint));
        }

        return all;
    }

    [Benchmark(OperationsPerInvoke = Accesses)]
    public void RawWrite32()
    {
        for (int i = 0; i < Accesses; i++)
        {
            Volatile.Write(ref _raw[1], (uint)i);
        }
    }

    [Benchmark(OperationsPerInvoke = Accesses)]
    public void ViewWrite32()
    {
        using RegisterView view = _registers.Access();
        for (int i = 0; i < Accesses; i++)
        {
            view.Write32(sizeof(uint), (uint)i);
        }
    }
}
