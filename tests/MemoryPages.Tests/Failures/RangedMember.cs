#pragma warning disable MP1008 // every member is called, those for unsafe code too

using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>A public member that takes a range or an offset, and how to call it.</summary>
/// <param name="Key">As <see cref="PublicMembers"/> spells it, or a view's member.</param>
/// <param name="Taken">How many bytes it takes, of a wished length: fixed for single values, at most what an array holds for copies.</param>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="Act">The call.</param>
internal sealed record RangedMember(string Key, Func<nuint, nuint> Taken, string Parameter, Action<PagesHolder, PageRange> Act)
{
    private static readonly Func<nuint, nuint> s_all = length => length;
    private static readonly Func<nuint, nuint> s_value = _ => sizeof(int);
    private static readonly Func<nuint, nuint> s_byte = _ => 1;

    // An array of more would only cost time: it is longer than the pages in any case.
    private static readonly Func<nuint, nuint> s_array = length => Math.Min(length, 9 * PageSize.Base);
    private static readonly Func<nuint, nuint> s_span = length => Math.Min(length, int.MaxValue);

    public static readonly RangedMember[] All =
    [
        Range("Pages<TProtection>.ProtectScope(PageRange)", (h, r) => { using ProtectionScope<NoAccess> scope = h.Pages.ProtectScope<NoAccess>(r); }),
        Range("Pages<TProtection>.Advise(Advice, Nullable<PageRange>)", (h, r) => h.Pages.Advise(Advice.WillNeed, r)),
        Range("Pages<TProtection>.Unlock(Nullable<PageRange>)", (h, r) => h.Pages.Unlock(r)),
        Range("Pages<TProtection>.Flush(Nullable<PageRange>, FlushLevel)", (h, r) => h.Pages.Flush(r)),
        Range("Pages<TProtection>.FlushAsync(Nullable<PageRange>, FlushLevel, CancellationToken)", (h, r) => h.Pages.FlushAsync(r).GetAwaiter().GetResult()),
        Range("Pages<TProtection>.CountResidentBytes(Nullable<PageRange>)", (h, r) => h.Pages.CountResidentBytes(r)),
        Range("Pages<TProtection>.CopyResidency(Span<Boolean>, Nullable<PageRange>)", (h, r) => h.Pages.CopyResidency(new bool[9], r)),
        Range("Pages<TProtection>.SetNumaPolicy(NumaPolicy, Nullable<PageRange>)", (h, r) => h.Pages.SetNumaPolicy(default, r)),
        new("Pages<TProtection>.NumaPolicyAt(UIntPtr)", s_byte, "offset", (h, r) => WhereThereAreNodes(() => h.Pages.NumaPolicyAt(r.Offset))),
        Range("Pages<TProtection>.CopyNumaNodes(Span<Int32>, Nullable<PageRange>)", (h, r) => h.Pages.CopyNumaNodes(new int[9], r)),
        Range("Pages<TProtection>.CountBytesOnNode(Int32, Nullable<PageRange>)", (h, r) => h.Pages.CountBytesOnNode(0, r)),
        Range("Pages<TProtection>.MoveToNode(Int32, Nullable<PageRange>, Boolean, Span<NumaMove>)", (h, r) => WhereThereAreNodes(() => h.Pages.MoveToNode(0, r))),
        Range("Pages<TProtection>.MoveToNodes(ReadOnlySpan<Int32>, Nullable<PageRange>, Boolean, Span<NumaMove>)", (h, r) => WhereThereAreNodes(() => h.Pages.MoveToNodes(new int[9], r))),
        Range("PagesAccess.Read(Pages<TProtection>, PageRange)", (h, r) =>
        {
            using ReadView view = h.Pages.Read(r);
            Assert.Equal(r.Length, view.Length);
            Assert.Equal(r.Length, (nuint)view.Span.ToArray().Length);
        }),
        Range("PagesAccess.Write(Pages<TProtection>, PageRange)", (h, r) =>
        {
            using WriteView view = h.Pages.Write(r);
            Assert.Equal(r.Length, view.Length);
            view.Span.Fill(1);
        }),
        Range("PagesHoles.Remove(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            try
            {
                h.Pages.Remove(r);
            }
            catch (InvalidOperationException)
            {
                // The range was judged, and then that these pages are of no file.
            }
        }),
        new("PagesAccess.CopyTo(Pages<TProtection>, UIntPtr, Span<Byte>)", s_array, "offset", (h, r) => h.Pages.CopyTo(r.Offset, new byte[r.Length])),
        new("PagesAccess.CopyFrom(Pages<TProtection>, UIntPtr, ReadOnlySpan<Byte>)", s_array, "offset", (h, r) => h.Pages.CopyFrom(r.Offset, new byte[r.Length])),
        new("PagesFaultSafe.TryCopyTo(Pages<TProtection>, UIntPtr, Span<Byte>, Int32)", s_array, "offset", (h, r) => h.Pages.TryCopyTo(r.Offset, new byte[r.Length], out _)),
        new("PagesFaultSafe.TryCopyFrom(Pages<TProtection>, UIntPtr, ReadOnlySpan<Byte>, Int32)", s_array, "offset", (h, r) =>
            h.Pages.TryCopyFrom(r.Offset, new byte[r.Length], out _)),
        new("PagesFaultSafe.TryRead(Pages<ReadOnly>, UIntPtr, T)", s_value, "offset", (h, r) => h.Under<ReadOnly>(p => p.TryRead(r.Offset, out int _))),
        new("PagesFaultSafe.TryRead(Pages<ReadExecute>, UIntPtr, T)", s_value, "offset", (h, r) => h.Under<ReadExecute>(p => p.TryRead(r.Offset, out int _))),
        new("PagesFaultSafe.TryRead(Pages<ReadWrite>, UIntPtr, T)", s_value, "offset", (h, r) => h.Pages.TryRead(r.Offset, out int _)),
        new("PagesFaultSafe.TryWrite(Pages<ReadWrite>, UIntPtr, T)", s_value, "offset", (h, r) => h.Pages.TryWrite(r.Offset, 1)),
        new("PagesFaultSafe.TryWrite(Pages<WriteOnly>, UIntPtr, T)", s_value, "offset", (h, r) => h.Under<WriteOnly>(p => p.TryWrite(r.Offset, 1))),
        Range("PagesFaultSafe.Probe(Pages<TProtection>, Nullable<PageRange>)", (h, r) => Assert.Equal(r, h.Pages.Probe(r))),
        Range("PagesMemory.LeaseMemory(Pages<TProtection>, Nullable<PageRange>)", (h, r) => { using var lease = h.Pages.LeaseMemory(r); lease.Memory.Span.Fill(1); }),
        Range("PagesMemory.LeaseReadOnlyMemory(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            using ReadOnlyMemoryLease lease = h.Pages.LeaseReadOnlyMemory(r);
            Assert.Equal(r.Length, (nuint)lease.Memory.Length);
        }),
        Range("PagesScanning.Scan(Pages<TProtection>, Nullable<PageRange>, Int32)", (h, r) =>
        {
            foreach (ScanWindow window in h.Pages.Scan(r))
            {
                Assert.Equal(((nuint)0, r.Length), (window.Offset, (nuint)window.Span.Length));
            }
        }),
        Range("PagesAdapters.AsStream(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            using Stream stream = h.Pages.AsStream(r);
            Assert.Equal((long)r.Length, stream.Length);
        }),
        Range("PagesAdapters.AsSequence(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            using SequenceLease lease = h.Pages.AsSequence(r);
            Assert.Equal((long)r.Length, lease.Sequence.Length);
        }),
        Range("PagesAdapters.AsBufferWriter(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            using PagesWriter writer = h.Pages.AsBufferWriter(r);
            Assert.Equal(r.Length, writer.FreeBytes);
        }),
        Range("PagesRelease.Discard(Pages<TProtection>, Nullable<PageRange>)", (h, r) => h.Pages.Discard(r)),
        Range("PagesRelease.Offer(Pages<TProtection>, Nullable<PageRange>)", (h, r) => h.Pages.Offer(r)),
        Range("PagesRelease.Reclaim(Pages<TProtection>, Nullable<PageRange>)", (h, r) => h.Pages.Reclaim(r)),
        Range("PagesResidency.Prefault(Pages<TProtection>, Nullable<PageRange>)", (h, r) => h.Pages.Prefault(r)),
        Range("PagesResidency.Lock(Pages<TProtection>, LockMode, Nullable<PageRange>)", (h, r) => { h.Pages.Lock(range: r); h.Pages.Unlock(); }),
        Range("PagesTracking.TrackWrites(Pages<TProtection>, Nullable<PageRange>)", (h, r) =>
        {
            try
            {
                h.Pages.TrackWrites(r).Dispose();
            }
            catch (MemoryPagesException refused) when (refused.Reason == ErrorReason.NotSupported)
            {
                // within the pages, and not on this system
            }
        }),
        Range("PagesDangerous.DangerousAdvise(Pages<TProtection>, UncheckedAdvice, Nullable<PageRange>)", (h, r) =>
        {
            unsafe
            {
                h.Pages.DangerousAdvise(UncheckedAdvice.DontNeed, r);
            }
        }),
        new("PagesValues.Read(Pages<ReadWrite>, UIntPtr)", s_value, "offset", (h, r) => h.Pages.Read<int>(r.Offset)),
        new("PagesValues.Read(Pages<ReadOnly>, UIntPtr)", s_value, "offset", (h, r) => h.Under<ReadOnly>(p => p.Read<int>(r.Offset))),
        new("PagesValues.Read(Pages<ReadExecute>, UIntPtr)", s_value, "offset", (h, r) => h.Under<ReadExecute>(p => p.Read<int>(r.Offset))),
        new("PagesValues.Write(Pages<ReadWrite>, UIntPtr, T)", s_value, "offset", (h, r) => h.Pages.Write(r.Offset, 1)),
        new("PagesValues.Write(Pages<WriteOnly>, UIntPtr, T)", s_value, "offset", (h, r) => h.Under<WriteOnly>(p => p.Write(r.Offset, 1))),
        new("PagesDangerous.DangerousPointer(Pages<TProtection>, UIntPtr)", s_byte, "offset", (h, r) => { unsafe { *h.Pages.DangerousPointer(r.Offset) = 1; } }),
        new("PagesDangerous.DangerousFunction(Pages<TProtection>, UIntPtr)", s_byte, "offset", (h, r) => h.Under<ReadExecute>(p =>
        {
            unsafe
            {
                using FunctionLease lease = p.DangerousFunction(r.Offset);
            }
        })),
        new("PagesDangerous.Function(Pages<ReadExecute>, UIntPtr)", s_byte, "offset", (h, r) => h.Under<ReadExecute>(p =>
        {
            using FunctionLease<Action> lease = p.Function<Action>(r.Offset);
        })),
        new("PagesDangerous.Function(Pages<ExecuteOnly>, UIntPtr)", s_byte, "offset", (h, r) => h.Under<ExecuteOnly>(p =>
        {
            using FunctionLease<Action> lease = p.Function<Action>(r.Offset);
        })),
        new("ReadView[]", s_byte, "offset", (h, r) => { using ReadView view = h.Pages.Read(); _ = view[r.Offset]; }),
        new("WriteView[]", s_byte, "offset", (h, r) => { using WriteView view = h.Pages.Write(); view[r.Offset] = 1; }),
        new("ReadView.Slice", s_span, "offset", (h, r) => { using ReadView view = h.Pages.Read(); _ = view.Slice(r.Offset, (int)r.Length).ToArray(); }),
        new("WriteView.Slice", s_span, "offset", (h, r) => { using WriteView view = h.Pages.Write(); view.Slice(r.Offset, (int)r.Length).Fill(1); }),
    ];

    private static RangedMember Range(string key, Action<PagesHolder, PageRange> act) => new(key, s_all, "range", act);

    private static void WhereThereAreNodes(Action act)
    {
        try
        {
            act();
        }
        catch (MemoryPagesException none) when (none.Reason == ErrorReason.NotSupported)
        {
            // The range was judged, and then that the system has no such call.
        }
    }
}

/// <summary>Pages that are handed through another protection and back.</summary>
internal sealed class PagesHolder(Pages<ReadWrite> pages) : IDisposable
{
    public Pages<ReadWrite> Pages { get; private set; } = pages;

    public void Under<TProtection>(Action<Pages<TProtection>> use)
        where TProtection : struct, IProtection
    {
        Pages<TProtection> other = Pages.Protect<TProtection>();
        try
        {
            use(other);
        }
        finally
        {
            Pages = other.Protect<ReadWrite>();
        }
    }

    public void Dispose() => Pages.Dispose();
}
