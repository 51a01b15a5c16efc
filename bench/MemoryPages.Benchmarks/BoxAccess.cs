using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A sum over 4,096 boxed numbers, and over as many pointers. Times are for one number.</summary>
[BenchmarkCategory("Boxes")]
public unsafe class BoxAccess
{
    private const int Count = 1 << 12;
    private readonly Box<long>[] _boxes = new Box<long>[Count];
    private readonly nint[] _pointers = new nint[Count];

    public BoxAccess()
    {
        for (int i = 0; i < Count; i++)
        {
            _boxes[i] = Box.New((long)i);
            fixed (long* value = &_boxes[i].Value)
            {
                _pointers[i] = (nint)value; // the same memory for both
            }
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        for (int i = 0; i < Count; i++)
        {
            _boxes[i].Dispose();
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public long RawPointer()
    {
        long sum = 0;
        nint[] pointers = _pointers;
        for (int i = 0; i < pointers.Length; i++)
        {
            sum += *(long*)pointers[i];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long Value()
    {
        long sum = 0;
        Box<long>[] boxes = _boxes;
        for (int i = 0; i < boxes.Length; i++)
        {
            sum += boxes[i].Value;
        }

        return sum;
    }
}
