using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using MemoryPages.Unsafe;
using MemoryPages.Virtual;

namespace MemoryPages;

/// <content>Protection of committed parts, and guards.</content>
public sealed partial class VirtualBuffer
{
    /// <summary>Gives a committed part another protection; views must fit it from then on.</summary>
    /// <typeparam name="TProtection">The protection.</typeparam>
    /// <param name="range">The part, rounded outward to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open; or some of the part is not committed, or a guard.</exception>
    /// <exception cref="MemoryPagesException">The system refused: nothing has changed.</exception>
    [Invalidates]
    public void Protect<TProtection>(PageRange range)
        where TProtection : struct, IProtection
        => ChangeSegments(nameof(Protect), range, inward: false, mustBeGuards: false, (segment, address, length) =>
        {
            SystemError error = MappingHandle.ChangeProtection(address, length, segment.Protection, TProtection.Protection);
            return (error, segment with { Protection = TProtection.Protection });
        });

    /// <summary>Makes a committed part a guard: its content is gone, and any access is a fault. Costs no map entries where the kernel can.</summary>
    /// <param name="range">The part, rounded <b>inward</b> to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open; or some of the part is not committed, or a guard already.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the part is memory still, but what it held may be gone.</exception>
    /// <remarks>Linux: <c>MADV_GUARD_INSTALL</c>; before 6.13, and on locked memory, protection, which makes the part a mapping of its own.</remarks>
    [Invalidates]
    public void InstallGuard(PageRange range) => ChangeSegments(nameof(InstallGuard), range, inward: true, mustBeGuards: false, Guard);

    /// <summary>Ends guards: the part is committed memory to read and write again, and reads zero.</summary>
    /// <param name="range">The part, rounded <b>inward</b> to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InvalidOperationException">A view is open; or some of the part is no guard.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public void RemoveGuard(PageRange range) => ChangeSegments(nameof(RemoveGuard), range, inward: true, mustBeGuards: true, Unguard);

    private static (SystemError Error, CommitSegment After) Guard(CommitSegment segment, nuint address, nuint length)
    {
        MemorySystem system = MemorySystem.Current;
        if (!system.Advise(address, length, UncheckedAdvice.GuardInstall).Failed)
        {
            return (SystemError.None, segment with { IsGuard = true });
        }

        SystemError error = system.Discard(address, length);
        if (!error.Failed)
        {
            error = MappingHandle.ChangeProtection(address, length, segment.Protection, PageProtection.None);
        }

        if (error.Failed)
        {
            // The kernel may have made some guards before it came to what it could not: they would be holes in memory that views are given to.
            _ = system.Advise(address, length, UncheckedAdvice.GuardRemove);
        }

        return (error, segment with { IsGuard = true, Protection = PageProtection.None });
    }

    private static (SystemError Error, CommitSegment After) Unguard(CommitSegment segment, nuint address, nuint length)
    {
        const PageProtection Memory = PageProtection.Read | PageProtection.Write;
        MemorySystem system = MemorySystem.Current;

        // A guard by protection took that away; a guard of the kernel's left it.
        // That was after the kernel's, where it made some and then came to locked memory; and it may know none.
        SystemError error = system.Advise(address, length, UncheckedAdvice.GuardRemove);
        if (!error.Failed || segment.Protection == PageProtection.None)
        {
            error = MappingHandle.ChangeProtection(address, length, segment.Protection, Memory);
            if (error.Failed)
            {
                _ = system.Advise(address, length, UncheckedAdvice.GuardInstall);
            }
        }

        return (error, segment with { IsGuard = false, Protection = Memory });
    }

    /// <summary>Under exclusive access, changes the segments of a part that must be committed throughout, all guards or none.</summary>
    private void ChangeSegments(
        string operation, PageRange range, bool inward, bool mustBeGuards, Func<CommitSegment, nuint, nuint, (SystemError Error, CommitSegment After)> change)
    {
        _mapping.EnterExclusive(operation);
        try
        {
            _mapping.ThrowIfOutside(range);
            (nuint address, nuint length) = inward ? _mapping.Inward(range) : _mapping.Outward(range);
            nuint start = address - _mapping.Address;
            lock (_map)
            {
                bool isCommitted = _map.Gaps(start, start + length).Count == 0;
                List<CommitSegment> segments = _map.Segments(start, start + length);
                if (!isCommitted || segments.Exists(segment => segment.IsGuard != mustBeGuards))
                {
                    throw new InvalidOperationException(
                        $"{operation} needs bytes {start} to {start + length} to be committed, and {(mustBeGuards ? "guards throughout" : "no guards")}.");
                }

                for (int i = 0; i < segments.Count; i++)
                {
                    CommitSegment segment = segments[i];
                    (SystemError error, CommitSegment after) = change(segment, _mapping.Address + segment.Start, segment.Length);
                    if (error.Failed)
                    {
                        UndoChanges(segments[..i]);
                        throw _mapping.Failure(error, operation, _mapping.Address + segment.Start, segment.Length);
                    }

                    _map.Set(after);
                }
            }
        }
        finally
        {
            _mapping.ExitExclusive();
        }
    }

    /// <summary>What was merged when it was changed is split again: no more map entries than before.</summary>
    /// <param name="changed">As they were.</param>
    private void UndoChanges(List<CommitSegment> changed)
    {
        foreach (CommitSegment before in changed)
        {
            nuint address = _mapping.Address + before.Start;
            CommitSegment now = _map.Segments(before.Start, before.End)[0];
            SystemError error = SystemError.None;
            if (before.IsGuard != now.IsGuard)
            {
                (error, now) = before.IsGuard ? Guard(now, address, before.Length) : Unguard(now, address, before.Length);
            }

            if (!error.Failed && !MappingHandle.ChangeProtection(address, before.Length, now.Protection, before.Protection).Failed)
            {
                _map.Set(before);
            }
        }
    }
}
