using BenchmarkDotNet.Attributes;
using MemoryPages.Unsafe;

namespace MemoryPages.Benchmarks;

/// <summary>A call of <c>lea rax, [rdi + rsi]; ret</c>: what holding a function costs while it is held, beside pointers and delegates.</summary>
[BenchmarkCategory("Code")]
public unsafe class CodeCalls
{
    private const int Calls = 100_000; // under one lease: what a call costs while the function is held

    private readonly CodeHeap _heap = CodeEmitting.HeapOf(CodeMode.DualMapped);
    private readonly CodeBlock _add;
    private readonly nint _raw;
    private readonly Add _delegate;

    public CodeCalls()
    {
        _add = _heap.Emit([0x48, 0x8D, 0x04, 0x37, 0xC3]);
        _raw = (nint)_add.Address;
        _delegate = System.Runtime.InteropServices.Marshal.GetDelegateForFunctionPointer<Add>(_raw);
    }

    private delegate long Add(long a, long b);

    [GlobalCleanup]
    public void Cleanup() => _heap.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public long RawFunctionPointer()
    {
        var add = (delegate* unmanaged<long, long, long>)_raw;
        long sum = 0;
        for (int i = 0; i < Calls; i++)
        {
            sum = add(sum, i);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public long HeldFunction()
    {
        using FunctionLease<Func<long, long, long>> add = _add.Function<Func<long, long, long>>();
        long sum = 0;
        for (int i = 0; i < Calls; i++)
        {
            sum = add.Invoke(sum, i);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public long MarshalledDelegate()
    {
        long sum = 0;
        for (int i = 0; i < Calls; i++)
        {
            sum = _delegate(sum, i);
        }

        return sum;
    }

    /// <summary>What it costs to take and end the lease, with one call in it.</summary>
    [Benchmark]
    public long LeaseAndCall()
    {
        using FunctionLease<Func<long, long, long>> add = _add.Function<Func<long, long, long>>();
        return add.Invoke(1, 2);
    }
}
