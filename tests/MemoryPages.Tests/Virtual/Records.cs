using System.Buffers.Binary;
using System.Diagnostics;

namespace MemoryPages.Tests.Reserved;

/// <summary>How records go in and out.</summary>
public enum RecordWay
{
    Copies,
    Views,
    Spans,
}

/// <summary>Records that go through a queue: each with its length in front, and bytes that only its place in the order explains.</summary>
internal static class Records
{
    /// <summary>Of a run, however busy the machine: many times around every queue here.</summary>
    public const int Least = 2000;

    private const int Header = sizeof(int);

    public static long Produce(ByteQueue queue, RecordWay way, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var noise = new Noise(3);
        byte[] record = new byte[queue.Capacity];
        long records = 0;
        for (; records < Least || clock.Elapsed < time; records++)
        {
            int length = Header + noise.Next((int)Math.Min(queue.Capacity, 3000) - Header);
            var spin = default(SpinWait);
            while (!TryAdd(queue, way, record.AsSpan(0, length), (ulong)records))
            {
                spin.SpinOnce();
            }
        }

        queue.Complete();
        return records;
    }

    private static bool TryAdd(ByteQueue queue, RecordWay way, Span<byte> record, ulong number)
    {
        switch (way)
        {
            case RecordWay.Copies:
                Write(record, number);
                return queue.TryEnqueue(record);
            case RecordWay.Views:
                using (WriteView free = queue.Free())
                {
                    if (free.Length < (nuint)record.Length)
                    {
                        return false;
                    }

                    Write(free.Slice(0, record.Length), number);
                    queue.Commit((nuint)record.Length);
                    return true;
                }

            default:
                if (queue.Capacity - queue.Count < (nuint)record.Length)
                {
                    return false;
                }

                Write(queue.GetSpan(record.Length)[..record.Length], number);
                queue.Advance(record.Length);
                return true;
        }
    }

    public static long Consume(ByteQueue queue, RecordWay way)
    {
        byte[] expected = new byte[queue.Capacity];
        byte[] copy = new byte[queue.Capacity];
        long records = 0;
        var spin = default(SpinWait);
        while (true)
        {
            bool isCompleted = queue.IsCompleted;
            int had = way == RecordWay.Copies ? TakeCopy(queue, copy) : 0;
            if (had != 0)
            {
                AssertRecord(copy.AsSpan(0, had), expected, (ulong)records++);
                continue;
            }

            using ReadView available = queue.Available();
            if (available.Length == 0)
            {
                if (isCompleted)
                {
                    return records;
                }

                spin.SpinOnce();
                continue;
            }

            for (nuint at = 0; way != RecordWay.Copies && at != available.Length;)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(available.Slice(at, Header));
                AssertRecord(available.Slice(at, length), expected, (ulong)records++);
                at += (nuint)length;
                queue.Consume((nuint)length);
            }
        }
    }

    private static int TakeCopy(ByteQueue queue, Span<byte> copy)
    {
        if (queue.TryDequeue(copy[..Header]) == 0)
        {
            return 0;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(copy);
        Assert.Equal(length - Header, queue.TryDequeue(copy[Header..length]));
        return length;
    }

    private static void Write(Span<byte> record, ulong number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
        new Noise(number).Fill(record[Header..]);
    }

    private static void AssertRecord(ReadOnlySpan<byte> record, Span<byte> expected, ulong number)
    {
        Write(expected[..record.Length], number);
        Assert.True(record.SequenceEqual(expected[..record.Length]), $"Record {number} of {record.Length} bytes is not what was written.");
    }
}
