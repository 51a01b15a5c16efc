#pragma warning disable MP1008 // every member is called, those for unsafe code too
#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

using MemoryPages.Diagnostics;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>Every public member that is called on pages, called once: written by hand, since views are ref structs.</summary>
/// <param name="Key">As <see cref="PublicMembers"/> spells it.</param>
/// <param name="OnDisposed">Calls it on pages that were disposed.</param>
/// <param name="OnHandedOn">Calls it on pages that a transition made into others; says the name of these.</param>
internal sealed record UseOfPages(string Key, Action OnDisposed, Func<(Action Call, string Became, IDisposable Successor)> OnHandedOn)
{
    /// <summary>Members that answer for spent pages too.</summary>
    public static readonly string[] Answering =
    [
        "Pages<TProtection>.Dispose()",
        "Pages<TProtection>.get_IsUsable()",
        "Pages<TProtection>.get_EffectiveProtection()", // a fact about the type and the processor, asked of neither pages nor system
    ];

    public static readonly UseOfPages[] All =
    [
        Of<ReadWrite>("Pages<TProtection>.Resize(UInt64, Boolean)", p => p.Resize(1)),
        Of<ReadWrite>("Pages<TProtection>.get_Length()", p => _ = p.Length),
        Of<ReadWrite>("Pages<TProtection>.get_PageSize()", p => _ = p.PageSize),
        Of<ReadWrite>("Pages<TProtection>.get_Name()", p => _ = p.Name),
        Of<ReadWrite>("Pages<TProtection>.get_IsFileBacked()", p => _ = p.IsFileBacked),
        Of<ReadWrite>("Pages<TProtection>.get_IsCopyOnWrite()", p => _ = p.IsCopyOnWrite),
        Of<ReadWrite>("Pages<TProtection>.get_LeaseCount()", p => _ = p.LeaseCount),
        Of<ReadWrite>("Pages<TProtection>.get_WasTruncated()", p => _ = p.WasTruncated),
        Of<ReadWrite>("Pages<TProtection>.get_Truncation()", p => _ = p.Truncation),
        Of<ReadWrite>("Pages<TProtection>.Refresh()", p => p.Refresh()),
        Of<ReadWrite>("Pages<TProtection>.Protect()", p => p.Protect<NoAccess>()),
        Of<ReadWrite>("Pages<TProtection>.ProtectScope(PageRange)", p => { using ProtectionScope<ReadOnly> scope = p.ProtectScope<ReadOnly>(default); }),
        Of<ReadWrite>("Pages<TProtection>.Advise(Advice, Nullable<PageRange>)", p => p.Advise(Advice.Normal)),
        Of<ReadWrite>("Pages<TProtection>.Unlock(Nullable<PageRange>)", p => p.Unlock()),
        Of<ReadWrite>("Pages<TProtection>.Flush(Nullable<PageRange>, FlushLevel)", p => p.Flush()),
        Of<ReadWrite>("Pages<TProtection>.FlushAsync(Nullable<PageRange>, FlushLevel, CancellationToken)", p => p.FlushAsync().GetAwaiter().GetResult()),
        Of<ReadWrite>("Pages<TProtection>.CountResidentBytes(Nullable<PageRange>)", p => p.CountResidentBytes()),
        Of<ReadWrite>("Pages<TProtection>.CopyResidency(Span<Boolean>, Nullable<PageRange>)", p => p.CopyResidency(new bool[9])),
        Of<ReadWrite>("Pages<TProtection>.SetNumaPolicy(NumaPolicy, Nullable<PageRange>)", p => p.SetNumaPolicy(default)),
        Of<ReadWrite>("Pages<TProtection>.NumaPolicyAt(UIntPtr)", p => p.NumaPolicyAt()),
        Of<ReadWrite>("Pages<TProtection>.CopyNumaNodes(Span<Int32>, Nullable<PageRange>)", p => p.CopyNumaNodes(new int[9])),
        Of<ReadWrite>("Pages<TProtection>.CountBytesOnNode(Int32, Nullable<PageRange>)", p => p.CountBytesOnNode(0)),
        Of<ReadWrite>("Pages<TProtection>.MoveToNode(Int32, Nullable<PageRange>, Boolean, Span<NumaMove>)", p => p.MoveToNode(0)),
        Of<ReadWrite>("Pages<TProtection>.MoveToNodes(ReadOnlySpan<Int32>, Nullable<PageRange>, Boolean, Span<NumaMove>)", p => p.MoveToNodes(new int[9])),
        Of<ReadWrite>("PagesAccess.Read(Pages<TProtection>)", p => { using ReadView view = p.Read(); }),
        Of<ReadWrite>("PagesAccess.Read(Pages<TProtection>, PageRange)", p => { using ReadView view = p.Read(default(PageRange)); }),
        Of<ReadWrite>("PagesAccess.CopyTo(Pages<TProtection>, UIntPtr, Span<Byte>)", p => p.CopyTo(0, new byte[1])),
        Of<ReadWrite>("PagesAccess.CopyFrom(Pages<TProtection>, UIntPtr, ReadOnlySpan<Byte>)", p => p.CopyFrom(0, new byte[1])),
        Of<ReadWrite>("PagesAccess.Write(Pages<TProtection>)", p => { using WriteView view = p.Write(); }),
        Of<ReadWrite>("PagesAccess.Write(Pages<TProtection>, PageRange)", p => { using WriteView view = p.Write(default(PageRange)); }),
        Of<ReadWrite>("PagesFaultSafe.TryCopyTo(Pages<TProtection>, UIntPtr, Span<Byte>, Int32)", p => p.TryCopyTo(0, new byte[1], out _)),
        Of<ReadWrite>("PagesFaultSafe.TryCopyFrom(Pages<TProtection>, UIntPtr, ReadOnlySpan<Byte>, Int32)", p => p.TryCopyFrom(0, new byte[1], out _)),
        Of<ReadWrite>("PagesFaultSafe.Probe(Pages<TProtection>, Nullable<PageRange>)", p => p.Probe()),
        Of<ReadOnly>("PagesFaultSafe.TryRead(Pages<ReadOnly>, UIntPtr, T)", p => p.TryRead(0, out int _)),
        Of<ReadExecute>("PagesFaultSafe.TryRead(Pages<ReadExecute>, UIntPtr, T)", p => p.TryRead(0, out int _)),
        Of<ReadWrite>("PagesFaultSafe.TryRead(Pages<ReadWrite>, UIntPtr, T)", p => p.TryRead(0, out int _)),
        Of<ReadWrite>("PagesFaultSafe.TryWrite(Pages<ReadWrite>, UIntPtr, T)", p => p.TryWrite(0, 1)),
        Of<WriteOnly>("PagesFaultSafe.TryWrite(Pages<WriteOnly>, UIntPtr, T)", p => p.TryWrite(0, 1)),
        Of<ReadWrite>("PagesHoles.Remove(Pages<TProtection>, Nullable<PageRange>)", p => p.Remove()),
        Of<ReadWrite>("PagesMemory.LeaseMemory(Pages<TProtection>, Nullable<PageRange>)", p => p.LeaseMemory()),
        Of<ReadOnly>("PagesMemory.LeaseReadOnlyMemory(Pages<TProtection>, Nullable<PageRange>)", p => p.LeaseReadOnlyMemory()),
        Of<ReadOnly>("PagesScanning.Scan(Pages<TProtection>, Nullable<PageRange>, Int32)", p => p.Scan()),
        Of<ReadOnly>("PagesAdapters.AsStream(Pages<TProtection>, Nullable<PageRange>)", p => p.AsStream()),
        Of<ReadOnly>("PagesAdapters.AsSequence(Pages<TProtection>, Nullable<PageRange>)", p => p.AsSequence()),
        Of<ReadWrite>("PagesAdapters.AsBufferWriter(Pages<TProtection>, Nullable<PageRange>)", p => p.AsBufferWriter()),
        Of<ReadWrite>("PagesRelease.Discard(Pages<TProtection>, Nullable<PageRange>)", p => p.Discard()),
        Of<ReadWrite>("PagesRelease.Offer(Pages<TProtection>, Nullable<PageRange>)", p => p.Offer()),
        Of<ReadWrite>("PagesRelease.Reclaim(Pages<TProtection>, Nullable<PageRange>)", p => p.Reclaim()),
        Of<ReadWrite>("PagesResidency.Prefault(Pages<TProtection>, Nullable<PageRange>)", p => p.Prefault()),
        Of<ReadWrite>("PagesResidency.Lock(Pages<TProtection>, LockMode, Nullable<PageRange>)", p => p.Lock()),
        Of<ReadWrite>("PagesTracking.TrackWrites(Pages<TProtection>, Nullable<PageRange>)", p => p.TrackWrites()),
        Of<NoAccess>("PagesTransitions.AllowRead(Pages<NoAccess>)", p => p.AllowRead()),
        Of<NoAccess>("PagesTransitions.AllowWrite(Pages<NoAccess>)", p => p.AllowWrite()),
        Of<NoAccess>("PagesTransitions.AllowExecute(Pages<NoAccess>)", p => p.AllowExecute()),
        Of<ReadOnly>("PagesTransitions.DenyRead(Pages<ReadOnly>)", p => p.DenyRead()),
        Of<ReadOnly>("PagesTransitions.AllowWrite(Pages<ReadOnly>)", p => p.AllowWrite()),
        Of<ReadOnly>("PagesTransitions.AllowExecute(Pages<ReadOnly>)", p => p.AllowExecute()),
        Of<ReadWrite>("PagesTransitions.DenyRead(Pages<ReadWrite>)", p => p.DenyRead()),
        Of<ReadWrite>("PagesTransitions.DenyWrite(Pages<ReadWrite>)", p => p.DenyWrite()),
        Of<ReadWrite>("PagesTransitions.AllowExecuteDenyWrite(Pages<ReadWrite>)", p => p.AllowExecuteDenyWrite()),
        Of<WriteOnly>("PagesTransitions.AllowRead(Pages<WriteOnly>)", p => p.AllowRead()),
        Of<WriteOnly>("PagesTransitions.DenyWrite(Pages<WriteOnly>)", p => p.DenyWrite()),
        Of<WriteOnly>("PagesTransitions.AllowExecuteDenyWrite(Pages<WriteOnly>)", p => p.AllowExecuteDenyWrite()),
        Of<ExecuteOnly>("PagesTransitions.AllowRead(Pages<ExecuteOnly>)", p => p.AllowRead()),
        Of<ExecuteOnly>("PagesTransitions.AllowWriteDenyExecute(Pages<ExecuteOnly>)", p => p.AllowWriteDenyExecute()),
        Of<ExecuteOnly>("PagesTransitions.DenyExecute(Pages<ExecuteOnly>)", p => p.DenyExecute()),
        Of<ReadExecute>("PagesTransitions.DenyRead(Pages<ReadExecute>)", p => p.DenyRead()),
        Of<ReadExecute>("PagesTransitions.AllowWriteDenyExecute(Pages<ReadExecute>)", p => p.AllowWriteDenyExecute()),
        Of<ReadExecute>("PagesTransitions.DenyExecute(Pages<ReadExecute>)", p => p.DenyExecute()),
        Of<ReadOnly>("PagesValues.Read(Pages<ReadOnly>, UIntPtr)", p => p.Read<int>(0)),
        Of<ReadExecute>("PagesValues.Read(Pages<ReadExecute>, UIntPtr)", p => p.Read<int>(0)),
        Of<ReadWrite>("PagesValues.Read(Pages<ReadWrite>, UIntPtr)", p => p.Read<int>(0)),
        Of<ReadWrite>("PagesValues.Write(Pages<ReadWrite>, UIntPtr, T)", p => p.Write(0, 1)),
        Of<WriteOnly>("PagesValues.Write(Pages<WriteOnly>, UIntPtr, T)", p => p.Write(0, 1)),
        Of<ReadWrite>("PagesDangerous.DangerousPointer(Pages<TProtection>, UIntPtr)", p => { unsafe { _ = p.DangerousPointer(); } }),
        Of<ReadWrite>("PagesDangerous.DangerousAdvise(Pages<TProtection>, UncheckedAdvice, Nullable<PageRange>)", p =>
        {
            unsafe
            {
                p.DangerousAdvise(UncheckedAdvice.DontNeed);
            }
        }),
        Of<ReadExecute>("PagesDangerous.DangerousFunction(Pages<TProtection>, UIntPtr)", p => { unsafe { using FunctionLease lease = p.DangerousFunction(); } }),
        Of<ReadExecute>("PagesDangerous.Function(Pages<ReadExecute>, UIntPtr)", p => { using FunctionLease<Action> lease = p.Function<Action>(); }),
        Of<ExecuteOnly>("PagesDangerous.Function(Pages<ExecuteOnly>, UIntPtr)", p => { using FunctionLease<Action> lease = p.Function<Action>(); }),
        Of<ReadWrite>("PagesSealing.Seal(Pages<TProtection>)", p => p.Seal()),
        Of<ReadWrite>("MemoryMap.RegionsOf(Pages<TProtection>)", p => MemoryMap.RegionsOf(p)),
    ];

    private static UseOfPages Of<TProtection>(string key, Action<Pages<TProtection>> use)
        where TProtection : struct, IProtection => new(
        key,
        () =>
        {
            Pages<TProtection> pages = Pages.Allocate<TProtection>(1);
            pages.Dispose();
            Assert.False(pages.IsUsable);
            use(pages);
        },
        () => typeof(TProtection) == typeof(ReadExecute) ? HandOn<TProtection, ReadOnly>(use) : HandOn<TProtection, ReadExecute>(use));

    private static (Action Call, string Became, IDisposable Successor) HandOn<TProtection, TNew>(Action<Pages<TProtection>> use)
        where TProtection : struct, IProtection
        where TNew : struct, IProtection
    {
        Pages<TProtection> pages = Pages.Allocate<TProtection>(1);
        Pages<TNew> successor = pages.Protect<TNew>();
        Assert.False(pages.IsUsable);
        return (() => use(pages), $"Pages<{typeof(TNew).Name}>", successor);
    }
}
