using MemoryPages.Platform;

namespace MemoryPages.Tests.Simulation;

/// <summary>The simulated system itself: that it finds out what it is there to find out.</summary>
public sealed class SimulationTests
{
    private const PageProtection Memory = PageProtection.Read | PageProtection.Write;

    private readonly SimulatedSystem _system;

    public SimulationTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.SystemPageSize <= (int)SimulatedFacts.All[1].Page, "Its memory is Linux's, its pages 16 KiB.");
        _system = new SimulatedSystem(SimulatedFacts.All[1]);
    }

    [Fact]
    public void What_no_system_would_be_asked_is_noted()
    {
        nuint page = _system.PageSize;
        nuint address = Map(4);
        AssertMisused(() => _system.Unmap(address + 1, page));
        AssertMisused(() => _system.Unmap(address, page / 4)); // a whole page of the real system's
        AssertMisused(() => _system.Unmap(address, 0));
        AssertMisused(() => _system.Unmap(address, 5 * page));
        AssertMisused(() => _system.Protect(address + (8 * page), page, Memory));
        AssertDone(() => _system.Decommit(address, page));
        AssertMisused(() => _system.Protect(address, page, Memory));
        AssertMisused(() => _system.Lock(address, page, LockMode.Resident));
        AssertDone(() => _system.Unmap(address, 4 * page));
        AssertMisused(() => _system.Unmap(address, 4 * page));
        Assert.Empty(_system.Ranges);
    }

    /// <summary>Its table and the real system's say the same, and so does the memory.</summary>
    [Fact]
    public unsafe void What_it_says_is_so()
    {
        nuint page = _system.PageSize;
        nuint address = Map(4);
        AssertDone(() => _system.Protect(address + page, page, PageProtection.Read));
        AssertDone(() => _system.Decommit(address + (2 * page), page));
        *(byte*)address = 1;
        Assert.Equal(["rw-p", "r--p", "---p", "rw-p"], SystemMap.Between(address, address + (4 * page)).Select(region => region.Access));
        Assert.Equal([Memory, PageProtection.Read, PageProtection.None, Memory], _system.Ranges.Select(range => range.Page.Protection));
        byte[] resident = new byte[4];
        AssertDone(() => _system.QueryResidency(address, resident));
        Assert.Equal([1, 0, 0, 0], resident);
        AssertDone(() => _system.Discard(address, page));
        Assert.Equal(0, *(byte*)address);
        AssertDone(() => _system.Lock(address, page, LockMode.Resident));
        Assert.Equal(page, _system.LockedBytes);
        AssertDone(() => _system.Unmap(address, 4 * page));
        Assert.DoesNotContain(SystemMap.Between(address, address + (4 * page)), region => region.Access.EndsWith('p'));
    }

    [Fact]
    public void A_call_is_refused_once_and_a_member_always()
    {
        nuint page = _system.PageSize;
        nuint address = Map(1);
        _system.RefuseCall = 2;
        AssertDone(() => _system.Discard(address, page));
        Assert.Equal(("Protect", SimulatedSystem.Refused), Of(_system.Protect(address, page, Memory)));
        Assert.Equal("Protect", _system.WasRefused);
        AssertDone(() => _system.Protect(address, page, Memory));
        _system.RefuseMember = "Discard";
        Assert.Equal(("Discard", SimulatedSystem.Refused), Of(_system.Discard(address, page)));
        Assert.Equal(("Discard", SimulatedSystem.Refused), Of(_system.Discard(address, page)));
        _system.RefuseMember = null;
        AssertDone(() => _system.Unmap(address, page));
    }

    /// <summary>The two copies of the library do not share a static field, and each has its own system.</summary>
    [Fact]
    public void The_library_itself_stays_on_the_running_system()
    {
        _ = SimulatedWorld.Of(SimulatedFacts.All[1].Name);
        Assert.Equal((nuint)Environment.SystemPageSize, PageSize.Base);
        Assert.IsNotType<SimulatedSystem>(MemorySystem.Current);
    }

    private static (string, int) Of(SystemError error) => (error.Call, error.Code);

    private static void AssertDone(Func<SystemError> call) => Assert.Equal(default, call());

    private nuint Map(int pages)
    {
        var request = new AnonymousRequest
        {
            Length = (nuint)pages * _system.PageSize, PageSize = _system.PageSize, Alignment = _system.PageSize, Protection = Memory,
        };
        Assert.False(_system.MapAnonymous(request, out MappedRange range).Failed);
        Assert.Equal(0u, range.Address % _system.PageSize);
        return range.Address;
    }

    private void AssertMisused(Func<SystemError> call)
    {
        Assert.Equal(SimulatedSystem.Misused, call().Code);
        Assert.Single(_system.TakeMisuses());
    }
}
