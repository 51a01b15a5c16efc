using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;

namespace MemoryPages.Benchmarks;

/// <summary>A record of 64 bytes into a queue and out of it again, on one thread: what the queue itself costs.</summary>
[BenchmarkCategory("Queueing")]
public class Queueing
{
    private const int RecordLength = 64;
    private readonly byte[] _record = new byte[RecordLength];
    private readonly byte[] _received = new byte[RecordLength];
    private readonly ByteQueue _queue = ByteQueue.Create(ByteSize.SixteenPages.Bytes);
    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));

    [GlobalCleanup]
    public void Cleanup() => _queue.Dispose();

    [Benchmark(Baseline = true)]
    public async ValueTask<int> PipeRecord()
    {
        _record.CopyTo(_pipe.Writer.GetSpan(RecordLength));
        _pipe.Writer.Advance(RecordLength);
        await _pipe.Writer.FlushAsync().ConfigureAwait(false); // never waits: 64 bytes are far below the threshold
        _ = _pipe.Reader.TryRead(out ReadResult result);
        result.Buffer.FirstSpan.CopyTo(_received);
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return _received[0];
    }

    [Benchmark]
    public int QueueRecordCopied()
    {
        _ = _queue.TryEnqueue(_record);
        return _queue.TryDequeue(_received);
    }

    [Benchmark]
    public int QueueRecordInPlace()
    {
        _record.CopyTo(_queue.GetSpan(RecordLength));
        _queue.Advance(RecordLength);
        using (ReadView record = _queue.Available())
        {
            record.Span.CopyTo(_received);
        }

        _queue.Consume(RecordLength);
        return _received[0];
    }
}
