using MemoryPages.Platform;

namespace MemoryPages.Tests.Simulation;

/// <content>Mappings come, go, and change.</content>
internal sealed unsafe partial class SimulatedSystem
{
    public override bool NamesSupported => false;

    public override SystemError MapAnonymous(in AnonymousRequest request, out MappedRange range)
    {
        lock (_gate)
        {
            range = default;
            nuint size = request.PageSize;
            bool wrong = request.Length == 0 || request.Length % size != 0 || request.Alignment < size || !nuint.IsPow2(request.Alignment) || request.Guard % PageSize != 0;
            if (IsRefused(out SystemError error) || IsMisuse(wrong ? $"{request.Length} bytes in pages of {size}" : null, out error))
            {
                return error;
            }

            if (request.NumaPolicy.Kind != NumaPolicyKind.Default)
            {
                return Absent;
            }

            if ((size != PageSize && !facts.Huge.Contains(size)) || !TryPlace(request.NearAddress, request.Length, request.Guard, request.Alignment, out range))
            {
                return new SystemError(nameof(MapAnonymous), NoRoom);
            }

            var page = new SimulatedPage(++_lastMapping, IsMemory: true, request.Protection) { PageSize = size };
            Enter(range, request.Length, page);
            return SystemError.None;
        }
    }

    public override SystemError Reserve(in ReserveRequest request, out MappedRange range)
    {
        lock (_gate)
        {
            range = default;
            bool wrong = request.Length == 0 || request.Length % PageSize != 0 || request.Alignment < PageSize || !nuint.IsPow2(request.Alignment);
            if (IsRefused(out SystemError error) || IsMisuse(wrong ? $"{request.Length} bytes" : null, out error))
            {
                return error;
            }

            bool isAnywhere = request.LowestAddress == 0 && request.HighestAddress == 0 && request.NearAddress == 0;
            if (!(isAnywhere ? TryPlace(0, request.Length, 0, request.Alignment, out range) : TryPlaceBetween(request, out range)))
            {
                return new SystemError(nameof(Reserve), NoRoom);
            }

            Enter(range, request.Length, Reserved(++_lastMapping));
            return SystemError.None;
        }
    }

    public override SystemError Commit(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error, mayBeReserved: true))
            {
                return error;
            }

            foreach (SimulatedRange part in _table.Within(address, address + length).Where(part => !part.Page.IsMemory))
            {
                Must(Kernel.Protect((nint)part.Start, part.Length, Kernel.ReadBit | Kernel.WriteBit) == 0);
                Clear(part);
            }

            _table.Change(address, address + length, page => page.IsMemory
                ? page
                : page with { IsMemory = true, Protection = PageProtection.Read | PageProtection.Write });
            return SystemError.None;
        }
    }

    public override SystemError Decommit(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error, mayBeReserved: true))
            {
                return error;
            }

            foreach (SimulatedRange part in _table.Within(address, address + length))
            {
                if (facts.KeepsUntilCommitted && !part.Page.IsShared && !part.Page.IsFile)
                {
                    Must(Kernel.Protect((nint)part.Start, part.Length, 0) == 0);
                }
                else
                {
                    MapOver(part.Start, part.Length, 0);
                }
            }

            _table.Change(address, address + length, page => Reserved(page.Mapping));
            CloseUnusedFiles();
            return SystemError.None;
        }
    }

    public override SystemError Unmap(nuint address, nuint length)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error, mayBeReserved: true))
            {
                return error;
            }

            Must(Kernel.Unmap((nint)address, length) == 0);
            _table.Change(address, address + length, _ => null);
            CloseUnusedFiles();
            return SystemError.None;
        }
    }

    public override SystemError Protect(nuint address, nuint length, PageProtection protection)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(address, length, out error))
            {
                return error;
            }

            if (Kernel.Protect((nint)address, length, Native(protection)) != 0)
            {
                return new SystemError(nameof(Protect), Denied); // a file that was not opened for that
            }

            _table.Change(address, address + length, page => page with { Protection = protection });
            return SystemError.None;
        }
    }

    public override SystemError GrowInPlace(nuint end, nuint extra, nuint pageSize)
    {
        lock (_gate)
        {
            if (IsRefused(out SystemError error) || IsMisused(end - pageSize, pageSize, out error))
            {
                return error;
            }

            if (!facts.GrowsInPlace || !TryTake(end, extra))
            {
                return new SystemError(nameof(GrowInPlace), NoRoom);
            }

            Extend(end, extra, _table.At(end - 1)!.Value);
            return SystemError.None;
        }
    }

    public override SystemError Move(in MappedRange from, nuint length, nuint newLength, nuint guard, nuint alignment, out MappedRange to)
    {
        lock (_gate)
        {
            to = default;
            if (IsRefused(out SystemError error) || IsMisused(from.Address, length, out error))
            {
                return error;
            }

            if (!TryPlace(0, newLength, guard, alignment, out to))
            {
                return new SystemError(nameof(Move), NoRoom);
            }

            List<SimulatedRange> parts = _table.Within(from.Address, from.Address + length);
            nuint end = from.ReservedAddress + from.ReservedLength;
            _table.Change(from.ReservedAddress, end, _ => null);
            foreach (SimulatedRange part in parts)
            {
                nuint target = to.Address + (part.Start - from.Address);
                MoveReally(part, target);
                _table.Add(new SimulatedRange(target, target + part.Length, part.Page));
            }

            MoveFiles(parts, from.Address, to.Address);
            Extend(to.Address + length, newLength - length, parts[^1].Page);
            EnterGuards(to, newLength, parts[^1].Page.Mapping);
            UnmapReally(from.ReservedAddress, from.Address);
            UnmapReally(from.Address + length, end);
            return SystemError.None;
        }
    }

    public override void SetName(nuint address, nuint length, string name)
    {
    }

    private SimulatedPage Reserved(int mapping) => new(mapping, IsMemory: false, PageProtection.None) { PageSize = PageSize };

    /// <summary>Notes a range that is reserved in fact, and makes of its middle what it shall be.</summary>
    private void Enter(in MappedRange range, nuint length, SimulatedPage page)
    {
        if (page.IsMemory && !page.IsShared && !page.IsFile)
        {
            Must(Kernel.Protect((nint)range.Address, length, Native(page.Protection)) == 0);
        }

        _table.Add(new SimulatedRange(range.Address, range.Address + length, page));
        EnterGuards(range, length, page.Mapping);
    }

    private void EnterGuards(in MappedRange range, nuint length, int mapping)
    {
        _table.Add(new SimulatedRange(range.ReservedAddress, range.Address, Reserved(mapping)));
        _table.Add(new SimulatedRange(range.Address + length, range.ReservedAddress + range.ReservedLength, Reserved(mapping)));
    }

    /// <summary>Makes addresses that are reserved in fact a continuation of what lies before.</summary>
    private void Extend(nuint start, nuint length, SimulatedPage page)
    {
        if (length == 0)
        {
            return;
        }

        if (page.IsFile)
        {
            MapFileReally(start, length, page);
        }
        else
        {
            Must(Kernel.Protect((nint)start, length, Native(page.Protection)) == 0);
        }

        _table.Add(new SimulatedRange(start, start + length, page));
        if (page.IsFile)
        {
            FitTail(page.Mapping);
        }
    }
}
