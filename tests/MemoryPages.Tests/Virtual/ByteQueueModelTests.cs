using FsCheck;
using FsCheck.Fluent;
using MemoryPages.Tests.Simulation;

namespace MemoryPages.Tests.Reserved;

/// <summary>A byte queue against the simplest one that there is.</summary>
[OnEverySystem]
public sealed class ByteQueueModelTests
{
    private static readonly nuint s_page = PageSize.AllocationGranularity; // what rings are rounded to

    /// <summary>Every way in and out, in any order and length, against a queue of the framework's.</summary>
    [Fact]
    public void Any_sequence_of_operations_does_what_a_plain_queue_does() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ListOf().ToArbitrary(), numbers =>
        {
            using var queue = ByteQueue.Create(3 * s_page);
            var model = new Queue<byte>();
            var noise = new Noise((ulong)numbers.Count);
            foreach (int number in numbers)
            {
                Operate(queue, model, number % 7, (number / 7) % (int)(queue.Capacity + 2), ref noise);
                Assert.Equal((nuint)model.Count, queue.Count);
                Assert.Equal(0, queue.LeaseCount);
            }

            using ReadView rest = queue.Available();
            Assert.True(rest.Span.SequenceEqual(model.ToArray()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));

    private static void Operate(ByteQueue queue, Queue<byte> model, int kind, int length, ref Noise noise)
    {
        int free = (int)queue.Capacity - model.Count;
        byte[] bytes = new byte[length];
        noise.Fill(bytes);
        switch (kind)
        {
            case 0 when length > (int)queue.Capacity:
                Assert.Throws<ArgumentException>(() => queue.TryEnqueue(bytes));
                break;
            case 0:
                Assert.Equal(length <= free, queue.TryEnqueue(bytes));
                Add(model, length <= free ? bytes : []);
                break;
            case 1:
                using (WriteView view = queue.Free())
                {
                    Assert.Equal((nuint)free, view.Length);
                    bytes = bytes[..Math.Min(length, free)];
                    bytes.CopyTo(view.Span);
                }

                queue.Commit((nuint)bytes.Length);
                Add(model, bytes);
                break;
            case 2 when Math.Max(length, 1) > free:
                Assert.Throws<InvalidOperationException>(() => queue.GetSpan(length).Length);
                break;
            case 2:
                Assert.Equal(free, queue.GetSpan(length).Length);
                bytes.CopyTo(queue.GetSpan(length));
                queue.Advance(length);
                Add(model, bytes);
                break;
            case 3 when Math.Max(length, 1) > free:
                Assert.Throws<InvalidOperationException>(() => queue.GetMemory(length));
                break;
            case 3:
                bytes.CopyTo(queue.GetMemory(length));
                queue.Advance(length);
                Add(model, bytes);
                break;
            case 4:
                int taken = queue.TryDequeue(bytes);
                Assert.Equal(Math.Min(length, model.Count), taken);
                Assert.Equal(Take(model, taken), bytes[..taken]);
                break;
            case 5:
                int consumed = Math.Min(length, model.Count);
                using (ReadView view = queue.Available())
                {
                    Assert.True(view.Span.SequenceEqual(model.ToArray()));
                }

                queue.Consume((nuint)consumed);
                Take(model, consumed);
                break;
            default:
                Assert.Equal(model.Count != 0, Begin(queue.WaitForDataAsync(new CancellationToken(canceled: model.Count == 0))));
                break;
        }
    }

    private static bool Begin(ValueTask<bool> wait) => wait.IsCompletedSuccessfully;

    private static void Add(Queue<byte> model, byte[] bytes) => Array.ForEach(bytes, model.Enqueue);

    private static byte[] Take(Queue<byte> model, int count) => [.. Enumerable.Range(0, count).Select(_ => model.Dequeue())];
}
