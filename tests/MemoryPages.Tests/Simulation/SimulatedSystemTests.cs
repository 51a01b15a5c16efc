using System.Reflection;
using MemoryPages.Platform;

namespace MemoryPages.Tests.Simulation;

/// <summary>The library on systems that there need not be a machine for.</summary>
public sealed class SimulatedSystemTests
{
    private static readonly Type[] s_classes = [.. typeof(SimulatedSystemTests).Assembly.GetTypes().Where(type => type.IsDefined(typeof(OnEverySystemAttribute)))];

    /// <summary>The members of the platform floor that may refuse, and that the simulated systems have.</summary>
    private static readonly string[] s_calls =
    [
        .. typeof(SimulatedSystem).GetMethods().Where(method => method.DeclaringType == typeof(SimulatedSystem) && !method.IsSpecialName && method.ReturnType == typeof(SystemError))
            .Select(method => method.Name).Distinct().Except(SimulatedSystem.AbsentCalls),
    ];

    public static MatrixTheoryData<string, string> Classes => new(Names, s_classes.Select(type => type.FullName!));

    public static MatrixTheoryData<string, string> Verbs => new(Names, Verb.All.Select(verb => verb.Name));

    public static MatrixTheoryData<string, string> Calls => new([SimulatedFacts.All[0].Name, SimulatedFacts.All[^1].Name], s_calls); // the richest, the poorest

    private static IEnumerable<string> Names => SimulatedFacts.All.Select(facts => facts.Name);

    [Theory]
    [MemberData(nameof(Classes))]
    public void What_holds_on_every_system_holds_on_this_one(string system, string tests) => WorldOf(system).Call(nameof(SimulatedRun.Class), tests);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_does_without_a_call_or_says_so_and_leaves_everything_as_it_was(string system, string verb) =>
        WorldOf(system).Call(nameof(SimulatedRun.RefuseInTurn), verb);

    [Theory]
    [MemberData(nameof(Calls))]
    public void Where_a_call_is_never_granted_each_verb_does_without_or_says_so(string system, string call) =>
        WorldOf(system).Call(nameof(SimulatedRun.RefuseAlways), call, system == SimulatedFacts.All[0].Name);

    /// <summary>What the platform floor may refuse and no simulated system does, by name: a new member is refused, or is added here with its reason.</summary>
    [Fact]
    public void Every_call_that_can_fail_is_refused_or_named_here()
    {
        string[] devices =
        [
            "QueryPciDevice", "OpenPciConfiguration", "OpenPciResource", "SetPciDriver", "RestorePciDriver", "ReadDevice", "WriteDevice", "QueryIoSpace",
            "OpenDmaDevice", "QueryDmaRegion", "MapForDevices", "UnmapForDevices", "ResetDevice", "MakeDmaBuffer", "AllocateFromDmaHeap", "SynchronizeDmaBuffer",
        ];
        string[] nodes =
        [
            "SetNumaPolicy", "QueryNumaPolicy", "SetThreadNumaPolicy", "QueryThreadNumaPolicy", "QueryNodes", "MovePages", "QueryNumaNode", "QueryNumaDistance",
            "QueryRunningNode",
        ];
        string[] machines =
        [
            "ProbePhysicalAddresses", "ReadFrames", "Pin", "ChangeHugePagePool", "Collapse", "CountHugeBytes", "ExplainHugePages", "TrackWrites", "FindWritten",
        ];
        const string ReadingAhead = "EnterCached"; // another thread's, which makes nothing of an error
        IEnumerable<string> canFail = typeof(MemorySystem).GetMethods(BindingFlags.Instance | BindingFlags.Public)
            .Where(method => method is { IsVirtual: true, IsSpecialName: false } && method.ReturnType == typeof(SystemError)).Select(method => method.Name).Distinct();
        Assert.Equal(
            [.. SimulatedSystem.AbsentCalls.Concat(devices).Concat(nodes).Concat(machines).Append(ReadingAhead).Order()], // names and sockets, hardware: refused by the real system's tests
            canFail.Except(s_calls).Order());
    }

    private static SimulatedWorld WorldOf(string system)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The simulated systems' memory is Linux's.");
        nuint page = SimulatedFacts.All.Single(facts => facts.Name == system).Page;
        Assert.SkipWhen(page < (nuint)Environment.SystemPageSize, "The pages of this machine are larger than the simulated ones.");
        return SimulatedWorld.Of(system);
    }
}
