using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MemoryPages;

/// <summary>A stream over leased bytes. Nothing is buffered: they are the buffer.</summary>
/// <remarks>
/// Each operation reads the position once and checks against the length what it takes: threads that race confuse the position, and nothing else.
/// </remarks>
/// <param name="bytes">Its own from here on.</param>
/// <param name="canWrite">Whether the pages can be written.</param>
internal sealed class PageStream(LeasedBytes bytes, bool canWrite) : Stream
{
    /// <summary>
    /// Bytes that a copy gives to the other stream at once: enough that the giving costs nothing, little enough to be in the caches.
    /// </summary>
    private const int CopiedAtOnce = 1 << 20;

    private readonly long _length = (long)bytes.Length;
    private long _position;
    private bool _ended;

    public override bool CanRead => !_ended;

    public override bool CanSeek => !_ended;

    public override bool CanWrite => canWrite && !_ended;

    public override long Length
    {
        get
        {
            bytes.ThrowIfEnded();
            return _length;
        }
    }

    public override long Position
    {
        get
        {
            bytes.ThrowIfEnded();
            return _position;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            bytes.ThrowIfEnded();
            _position = value;
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        bytes.ThrowIfEnded();
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => _length,
            _ => throw new ArgumentException("There is no such origin.", nameof(origin)),
        };
        if (offset > long.MaxValue - start || start + offset < 0)
        {
            throw new IOException("The position would be before the start of the stream, or is more than one can be.");
        }

        return _position = start + offset;
    }

    public override int Read(Span<byte> buffer)
    {
        long position = _position;
        int count = (int)Math.Min(buffer.Length, Rest(position));
        if (count == 0)
        {
            bytes.ThrowIfEnded();
            return 0;
        }

        PageView view = bytes.View((nuint)position, (nuint)count);
        view.Span.CopyTo(buffer);
        view.End();
        _position = position + count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        byte value = 0;
        return Read(new Span<byte>(ref value)) == 0 ? -1 : value;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        try
        {
            return ValueTask.FromResult(Read(buffer.Span));
        }
        catch (ObjectDisposedException ended)
        {
            return ValueTask.FromException<int>(ended);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        long position = _position;
        ThrowIfNotWritable();
        if (buffer.Length > Rest(position))
        {
            throw new IOException($"{buffer.Length} bytes at position {position} do not fit into the stream's {_length}: pages do not grow by writing.");
        }

        PageView view = bytes.View((nuint)Math.Min(position, _length), (nuint)buffer.Length);
        buffer.CopyTo(view.Span);
        view.End();
        _position = position + buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
        catch (Exception refused) when (refused is IOException or NotSupportedException or ObjectDisposedException)
        {
            return ValueTask.FromException(refused);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Straight out of the pages, without a buffer between.</summary>
    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        for (int count; (count = NextCopied(out nuint position)) != 0; _position = (long)position + count)
        {
            PageView view = bytes.View(position, (nuint)count);
            try
            {
                destination.Write(view.Span);
            }
            finally
            {
                view.End();
            }
        }
    }

    /// <inheritdoc cref="CopyTo"/>
    [SuppressMessage("Performance", "CA1859:Use concrete types", Justification = "Only the interface lets it be disposed.")]
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        for (int count; (count = NextCopied(out nuint position)) != 0; _position = (long)position + count)
        {
            using IMemoryOwner<byte> part = new MemoryLease(bytes.Part(position, (nuint)count));
            await destination.WriteAsync(part.Memory, cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Flush() => bytes.ThrowIfEnded();

    public override void SetLength(long value) => throw new NotSupportedException("The stream has the length of its pages: resize those.");

    protected override void Dispose(bool disposing)
    {
        _ended = true;
        bytes.Dispose();
        base.Dispose(disposing);
    }

    private long Rest(long position) => Math.Max(0, _length - position);

    private int NextCopied(out nuint position)
    {
        bytes.ThrowIfEnded();
        position = (nuint)_position;
        return (int)Math.Min(CopiedAtOnce, Rest((long)position));
    }

    private void ThrowIfNotWritable()
    {
        if (!canWrite)
        {
            throw new NotSupportedException("These pages can be read only, and so can their stream.");
        }
    }
}
