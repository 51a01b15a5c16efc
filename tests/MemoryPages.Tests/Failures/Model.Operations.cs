using System.Buffers;

namespace MemoryPages.Tests.Failures;

/// <summary>Each operation: on the pages, and on what the model holds of them.</summary>
internal sealed partial class Model
{
    private void Write(ModelSubject subject, PageRange range)
    {
        byte[] bytes = new byte[range.Length];
        _random.NextBytes(bytes);
        Begin("Write", $"{range}");
        switch (subject)
        {
            case ModelSubject<ReadWrite> { Pages: var pages } when _random.Next(2) == 0:
                using (WriteView view = pages.Write(range))
                {
                    bytes.CopyTo(view.Span);
                }

                break;
            case ModelSubject<ReadWrite> { Pages: var pages }:
                pages.CopyFrom(range.Offset, bytes);
                break;
            case ModelSubject<WriteOnly> { Pages: var pages }:
                pages.CopyFrom(range.Offset, bytes);
                break;
            default:
                return;
        }

        bytes.CopyTo(subject.Content, (int)range.Offset);
    }

    private void Read(ModelSubject subject, PageRange range)
    {
        byte[] bytes = new byte[range.Length];
        Begin("Read", $"{range}");
        switch (subject)
        {
            case ModelSubject<ReadWrite> { Pages: var pages }:
                pages.CopyTo(range.Offset, bytes);
                break;
            case ModelSubject<ReadOnly> { Pages: var pages }:
                pages.CopyTo(range.Offset, bytes);
                break;
            case ModelSubject<ReadExecute> { Pages: var pages }:
                using (ReadView view = pages.Read(range))
                {
                    view.Span.CopyTo(bytes);
                }

                break;
            default:
                return;
        }

        Assert.Equal(subject.Content.AsSpan((int)range.Offset, (int)range.Length), (ReadOnlySpan<byte>)bytes);
    }

    private void Scope(ModelSubject subject, PageRange range, bool leased)
    {
        int type = _random.Next(6);
        byte[] fill = new byte[range.Length];
        _random.NextBytes(fill);
        Begin("ProtectScope", $"type {type} {range}");
        if (Exclusively(leased, () => subject.Scope(type, range, fill)) && type == 2)
        {
            fill.CopyTo(subject.Content, (int)range.Offset);
        }
    }

    private void Release(ModelSubject subject, PageRange range, bool leased)
    {
        Action? act = subject switch
        {
            ModelSubject<ReadWrite> { Pages: var pages } when _random.Next(2) == 0 => () => pages.Discard(range),
            ModelSubject<WriteOnly> { Pages: var pages } => () => pages.Discard(range),
            _ => null,
        };
        if (act is not null)
        {
            Begin("Discard", $"{range}");
            if (Exclusively(leased, act))
            {
                Inward(range, i => Array.Clear(subject.Content, i * Page, Page));
            }
        }
        else if (subject is ModelSubject<ReadWrite> { Pages: var pages } && !subject.Locked.Contains(true))
        {
            Begin("Offer and Reclaim", $"{range}");
            nuint lost = 0;
            if (Exclusively(leased, () => { pages.Offer(range); lost = pages.Reclaim(range); }))
            {
                AssertReclaimed(subject, range, lost);
            }
        }
    }

    /// <summary>Each page is as it was, or zero; as many are zero as it said.</summary>
    private static void AssertReclaimed(ModelSubject subject, PageRange range, nuint lost)
    {
        nuint zero = 0;
        byte[] actual = ModelState.Content(subject.Address, subject.Content.Length);
        Inward(range, i =>
        {
            if (actual.AsSpan(i * Page, Page).IndexOfAnyExcept((byte)0) < 0)
            {
                Array.Clear(subject.Content, i * Page, Page);
                zero += PageSize.Base;
            }
        });
        Assert.Equal(zero, lost);
    }

    private void Resize(ModelSubject subject, bool leased)
    {
        nuint length = (nuint)_random.Next(1, 16 * Page);
        bool mayMove = _random.Next(2) == 0;
        int rounded = (int)PageSize.AlignUp(length, PageSize.Base);
        Begin("Resize", $"from {subject.Content.Length} to {length}, mayMove {mayMove}");
        bool refused = false;
        bool done = Exclusively(leased, () =>
        {
            try
            {
                subject.Resize(length, mayMove);
            }
            catch (MemoryPagesException noRoom) when (!mayMove && rounded > subject.Content.Length && noRoom.ErrorSymbol is "ENOMEM" or "NO_ROOM")
            {
                refused = true;
            }
        });
        if (done && !refused)
        {
            // What is added takes over the lock of the last page.
            bool last = subject.Locked[^1];
            subject.Locked = [.. Enumerable.Range(0, rounded / Page).Select(i => i < subject.Locked.Length ? subject.Locked[i] : last)];
            byte[] content = subject.Content;
            Array.Resize(ref content, rounded);
            subject.Content = content;
        }
    }

    private void Lock(ModelSubject subject, PageRange range)
    {
        LockMode mode = _random.Next(2) == 0 ? LockMode.Resident : LockMode.OnFault;
        Begin("Lock", $"{mode} {range}");
        switch (subject)
        {
            case ModelSubject<ReadWrite> { Pages: var pages }:
                pages.Lock(mode, range);
                break;
            case ModelSubject<ReadOnly> { Pages: var pages }:
                pages.Lock(mode, range);
                break;
            case ModelSubject<WriteOnly> { Pages: var pages }:
                pages.Lock(mode, range);
                break;
            default:
                return;
        }

        Outward(range, (i, _) => subject.Locked[i] = true);
    }

    private void Prefault(ModelSubject subject, PageRange range)
    {
        Begin("Prefault", $"{range}");
        if (subject is ModelSubject<ReadWrite> { Pages: var pages })
        {
            pages.Prefault(range);
            int touched = 0;
            Outward(range, (_, _) => touched++);
            Assert.Equal((nuint)(touched * Page), subject.CountResident(range));
        }
    }

    private void Lease(ModelSubject subject, PageRange range)
    {
        if (subject is not ModelSubject<ReadWrite> { Pages: var pages } || subject.Leases.Count == 2)
        {
            return;
        }

        Begin("LeaseMemory", $"{range}");
        IMemoryOwner<byte> lease = pages.LeaseMemory(range);
        subject.Leases.Add(lease);
        Assert.Equal(subject.Content.AsSpan((int)range.Offset, (int)range.Length), lease.Memory.Span);
        subject.SpansEscaped = true;
    }

    private void EndLease(ModelSubject subject)
    {
        Begin("End of a lease", "");
        IMemoryOwner<byte> lease = subject.Leases[^1];
        subject.Leases.RemoveAt(subject.Leases.Count - 1);
        _ = lease.Memory.Span.Length == 0 ? 0 : lease.Memory.Span[^1]; // is there still, also after Dispose
        lease.Dispose();
        if (subject.IsDisposed)
        {
            RemoveIfGone(subject);
        }
    }

    private void Dispose(ModelSubject subject)
    {
        Begin("Dispose", $"with {subject.Leases.Count} leases");
        subject.Dispose();
        subject.Dispose();
        subject.IsDisposed = true;
        Assert.Throws<ObjectDisposedException>(() => subject.Advise(Advice.Normal, default));
        RemoveIfGone(subject);
    }

    private void RemoveIfGone(ModelSubject subject)
    {
        if (subject.Leases.Count == 0)
        {
            _subjects.Remove(subject);
            ModelState.AssertGone(subject.Address, (nuint)subject.Content.Length, subject.SpansEscaped);
        }
    }
}
