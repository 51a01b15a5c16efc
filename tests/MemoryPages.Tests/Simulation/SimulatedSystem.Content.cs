using MemoryPages.Platform;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Simulation;

/// <content>What the pages hold, which are in memory, and advice.</content>
internal sealed unsafe partial class SimulatedSystem
{
    private const int PopulateRead = 22;
    private const int PopulateWrite = 23;
    private const int GuardInstall = 102;
    private const int GuardRemove = 103;
    private const int Remove = 9;

    public override bool BatchesSupported => facts.TakesBatches;

    public override TruncationSurvival? TruncationSurvival => null;

    public override SystemError Discard(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (!IsRefused(out SystemError error) && !IsMisused(address, length, out error, mayBeReserved: true))
            {
                Forget(address, length);
            }

            return error;
        }
    }

    public override SystemError DiscardBatch(ReadOnlySpan<(nuint Address, nuint Length)> ranges)
    {
        lock (_gate)
        {
            bool isRefused = IsRefused(out SystemError first);
            for (int i = isRefused ? 1 : 0; i < ranges.Length; i++)
            {
                if (!IsMisused(ranges[i].Address, ranges[i].Length, out SystemError error))
                {
                    Forget(ranges[i].Address, ranges[i].Length);
                }

                first = first.Failed ? first : error;
            }

            return first;
        }
    }

    public override SystemError Offer(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error))
            {
                return error;
            }

            if (_table.Within(address, address + length).Exists(part => part.Page.IsLocked))
            {
                return new SystemError(nameof(Offer), Denied);
            }

            for (nuint page = address; facts.LosesOffers && page < address + length; page += 2 * PageSize)
            {
                Forget(page, PageSize);
            }

            return SystemError.None;
        }
    }

    public override SystemError Reclaim(nuint address, nuint length, out nuint lost)
    {
        lock (_gate)
        {
            lost = 0;
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error))
            {
                return error;
            }

            for (nuint page = address; page < address + length; page += PageSize)
            {
                lost += new ReadOnlySpan<byte>((void*)page, (int)PageSize).IndexOfAnyExcept((byte)0) < 0 ? PageSize : 0;
            }

            return SystemError.None;
        }
    }

    public override SystemError CopyOut(nuint address, Span<byte> destination, out int copied)
    {
        lock (_gate)
        {
            copied = IsRefused(out SystemError error) ? 0 : Accessible(address, destination.Length, PageProtection.Read);
            new ReadOnlySpan<byte>((void*)address, copied).CopyTo(destination);
            return error;
        }
    }

    public override SystemError CopyIn(nuint address, ReadOnlySpan<byte> source, out int copied)
    {
        lock (_gate)
        {
            copied = IsRefused(out SystemError error) ? 0 : Accessible(address, source.Length, PageProtection.Write);
            source[..copied].CopyTo(new Span<byte>((void*)address, copied));
            return error;
        }
    }

    public override bool CanRead(nuint address)
    {
        lock (_gate)
        {
            return Accessible(address, sizeof(ulong), PageProtection.Read) == sizeof(ulong);
        }
    }

    public override SystemError Populate(nuint address, nuint length, nuint pageSize, bool forWriting)
    {
        lock (_gate)
        {
            return IsRefused(out SystemError error) || IsMisused(address, length, out error) || Touch(address, length, forWriting)
                ? error
                : new SystemError(nameof(Populate), Unbacked);
        }
    }

    public override SystemError Lock(nuint address, nuint length, LockMode mode)
    {
        lock (_gate)
        {
            if (!IsRefused(out SystemError error) && !IsMisused(address, length, out error))
            {
                _ = mode == LockMode.Resident && Touch(address, length, forWriting: false);
                _table.Change(address, address + length, page => page with { IsLocked = true });
            }

            return error;
        }
    }

    public override SystemError Unlock(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (!IsRefused(out SystemError error) && !IsMisused(address, length, out error, mayBeReserved: true))
            {
                _table.Change(address, address + length, page => page with { IsLocked = false });
            }

            return error;
        }
    }

    public override SystemError QueryResidency(nuint address, Span<byte> pages)
    {
        lock (_gate)
        {
            nuint length = (nuint)pages.Length * PageSize;
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error, mayBeReserved: true))
            {
                return error;
            }

            byte[] real = new byte[length / s_realPage];
            fixed (byte* answers = real)
            {
                Must(Kernel.Residency((nint)address, length, answers) == 0);
            }

            int ratio = (int)(PageSize / s_realPage);
            for (int i = 0; i < pages.Length; i++)
            {
                pages[i] = real.AsSpan(i * ratio, ratio).IndexOf((byte)1) >= 0 ? (byte)1 : (byte)0;
            }

            return SystemError.None;
        }
    }

    public override bool IsSupported(Advice advice) => facts.TakesAdvice;

    public override bool IsSupported(UncheckedAdvice advice) =>
        advice is UncheckedAdvice.DontNeed or UncheckedAdvice.Free || (advice is UncheckedAdvice.GuardInstall or UncheckedAdvice.GuardRemove && HasGuards);

    public override SystemError Advise(nuint address, nuint length, Advice advice)
    {
        lock (_gate)
        {
            return IsRefused(out SystemError error) || IsMisused(address, length, out error, mayBeReserved: true) ? error
                : !facts.TakesAdvice ? new SystemError(nameof(Advise), NotThere)
                : advice is not (Advice.PopulateRead or Advice.PopulateWrite) || Touch(address, length, advice == Advice.PopulateWrite) ? error
                : new SystemError(nameof(Advise), Unbacked);
        }
    }

    public override SystemError Advise(nuint address, nuint length, UncheckedAdvice advice)
    {
        if (advice is UncheckedAdvice.DontNeed or UncheckedAdvice.Free or UncheckedAdvice.Remove)
        {
            return advice == UncheckedAdvice.DontNeed ? Discard(address, length) : advice == UncheckedAdvice.Free ? Offer(address, length) : PunchHole(address, length);
        }

        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error))
            {
                return error;
            }

            // As in Linux: locked memory takes no guards, and it is found half-way.
            bool installs = advice == UncheckedAdvice.GuardInstall;
            if (!IsSupported(advice) || (installs && _table.Within(address, address + length).Exists(part => part.Page.IsLocked)))
            {
                return new SystemError(nameof(Advise), NotThere);
            }

            Must(Kernel.Advise((nint)address, length, installs ? GuardInstall : GuardRemove) == 0);
            _table.Change(address, address + length, page => page with { IsGuard = installs });
            return SystemError.None;
        }
    }

    /// <summary>Guards are the real system's.</summary>
    private bool HasGuards { get; } = facts.HasGuards && Kernel.Advise(0, 0, GuardInstall) == 0;

    private void Forget(nuint address, nuint length)
    {
        foreach (SimulatedRange part in _table.Within(address, address + length).Where(part => part.Page is { IsMemory: true, IsShared: false }))
        {
            Clear(part);
        }
    }

    private static bool Touch(nuint address, nuint length, bool forWriting) =>
        Kernel.Advise((nint)address, length, forWriting ? PopulateWrite : PopulateRead) == 0;

    private int Accessible(nuint address, int length, PageProtection needed)
    {
        nuint reached = address;
        foreach (SimulatedRange part in _table.Within(address, address + (nuint)length))
        {
            nuint end = part.Page.IsFile ? Math.Min(part.End, EndOfFile(part.Page.Mapping)) : part.End;
            if (part.Start != reached || end <= part.Start || part.Page.IsGuard || (EffectiveProtection(part.Page.Protection) & needed) == 0)
            {
                break;
            }

            reached = end;
        }

        return (int)(reached - address);
    }
}
