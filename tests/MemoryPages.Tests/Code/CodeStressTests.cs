using System.Collections.Concurrent;
using MemoryPages.Unsafe;
using MemoryPages.Tests.Reserved;
using static MemoryPages.Tests.Code.CodeWitness;

namespace MemoryPages.Tests.Code;

/// <summary>
/// Threads emit, call, rewrite and free, their own functions and one another's. A function that is not whole ends the test run itself.
/// </summary>
public sealed class CodeStressTests
{
    private const int Threads = 4;
    private const int Most = 400; // functions at a time: the heap is never full

    public CodeStressTests() => RequireMachineCode();

    public static TheoryData<CodeMode> BothModes => Modes;

    [Theory]
    [MemberData(nameof(BothModes))]
    public void Functions_say_their_own_number_whatever_happens_beside_them(CodeMode mode)
    {
        int steps = mode == CodeMode.Flipped ? 1_500 : 8_000;
        using CodeHeap heap = Heap(mode, 8 << 20);
        var shared = new ConcurrentDictionary<int, CodeBlock>();
        var places = new ConcurrentDictionary<nuint, int>();
        int next = 0;
        int wrong = 0;
        ConcurrencyTests.InParallel([.. Enumerable.Range(0, Threads).Select<int, Action>(thread => () => Work(new Noise((ulong)thread + 1)))]);
        Assert.Equal(0, wrong);
        foreach ((int number, CodeBlock block) in shared)
        {
            Assert.Equal(number, Call(block));
            block.Dispose();
        }

        Assert.Equal(0u, heap.UsedBytes);

        void Work(Noise random)
        {
            for (int i = 0; i < steps; i++)
            {
                switch (random.Next(6))
                {
                    case 0 or 1:
                        Emit(ref random);
                        break;
                    case 2:
                        EmitBatch(ref random);
                        break;
                    case 3 when shared.Keys.FirstOrDefault() is var number and not 0 && shared.TryRemove(number, out CodeBlock removed):
                        places.TryRemove(removed.Address, out _);
                        removed.Dispose();
                        break;
                    default:
                        CallOne();
                        break;
                }
            }
        }

        void Emit(ref Noise random)
        {
            int number = Interlocked.Increment(ref next);
            if (shared.Count <= Most && heap.TryEmit(MachineCode.Constant(number, 16 + (16 * random.Next(20))), out CodeBlock block))
            {
                Add(number, block);
            }
        }

        void EmitBatch(ref Noise random)
        {
            if (shared.Count > Most)
            {
                return;
            }

            using CodeBatch batch = heap.Batch(Page);
            (int Number, CodeBlock Block)[] blocks = [.. Enumerable.Range(0, 3).Select(_ => Interlocked.Increment(ref next))
                .Select(number => (number, batch.Emit(number, static (ref writer, number) => writer.Write(MachineCode.Constant(number)))))];
            if (random.Next(4) != 0)
            {
                batch.Publish();
                Array.ForEach(blocks, item => Add(item.Number, item.Block));
            }
        }

        void Add(int number, CodeBlock block)
        {
            if (!places.TryAdd(block.Address, number) || !shared.TryAdd(number, block))
            {
                Interlocked.Increment(ref wrong); // two functions in one place
            }
        }

        void CallOne()
        {
            foreach ((int number, CodeBlock block) in shared.Take(3))
            {
                try
                {
                    if (Call(block) != number)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // freed in between
                }
            }
        }
    }

    [Fact]
    public void Disposing_a_heap_beside_its_users_is_an_exception_and_no_fault()
    {
        for (int round = 0; round < 30; round++)
        {
            CodeHeap heap = Heap(round % 2 == 0 ? CodeMode.DualMapped : CodeMode.Flipped);
            CodeBlock shared = heap.Emit(MachineCode.Constant(1));
            ConcurrencyTests.InParallel(
            [
                () =>
                {
                    Thread.SpinWait(2000 * round);
                    heap.Dispose();
                },
                .. Enumerable.Range(0, 2).Select<int, Action>(_ => () =>
                {
                    try
                    {
                        while (true)
                        {
                            using CodeBlock own = heap.Emit(MachineCode.Constant(2));
                            Assert.Equal(3, Call(shared) + Call(own));
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                }),
            ]);
        }
    }

    /// <summary>Who frees, who holds and who rewrites a function agree about it.</summary>
    [Theory]
    [MemberData(nameof(BothModes))]
    public void A_function_is_rewritten_only_between_calls(CodeMode mode)
    {
        using CodeHeap heap = Heap(mode);
        using CodeBlock block = heap.Emit(MachineCode.Constant(0, 64));
        bool stop = false;
        int wrong = 0;
        ConcurrencyTests.InParallel(
        [
            () =>
            {
                for (int i = 1; i < 400;)
                {
                    try
                    {
                        block.Rewrite(MachineCode.Constant(i, 64));
                        i++;
                    }
                    catch (InvalidOperationException)
                    {
                        // it is held
                    }
                }

                Volatile.Write(ref stop, true);
            },
            () =>
            {
                int last = 0;
                while (!Volatile.Read(ref stop))
                {
                    using (FunctionLease<Func<int>> function = block.Function<Func<int>>())
                    {
                        int value = Invoke(in function);
                        wrong += value < last || Invoke(in function) != value ? 1 : 0;
                        last = value;
                    }

                    Thread.SpinWait(50);
                }
            },
        ]);
        Assert.Equal((0, 399), (wrong, Call(block)));
    }

    private static unsafe int Invoke(in FunctionLease<Func<int>> function) => function.Invoke();
}
