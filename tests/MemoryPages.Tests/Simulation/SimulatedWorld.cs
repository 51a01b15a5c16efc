using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;

namespace MemoryPages.Tests.Simulation;

/// <summary>
/// The library and its tests, loaded a second time, on a simulated system: a copy of every type and every static field, in the same process. What runs
/// there is called by name; exceptions, and the framework of the tests, are those of everybody.
/// </summary>
internal sealed class SimulatedWorld : AssemblyLoadContext
{
    private static readonly ConcurrentDictionary<string, SimulatedWorld> s_worlds = new();

    private readonly Assembly _tests;

    private SimulatedWorld(string system)
        : base(system)
    {
        _tests = LoadFromAssemblyPath(typeof(SimulatedWorld).Assembly.Location);
        Call(nameof(SimulatedRun.Begin), system);
    }

    public static SimulatedWorld Of(string system) => s_worlds.GetOrAdd(system, static name => new SimulatedWorld(name));

    /// <summary>Calls a static method of <see cref="SimulatedRun"/>, there.</summary>
    public void Call(string method, params object?[] arguments)
    {
        try
        {
            _tests.GetType(typeof(SimulatedRun).FullName!)!.GetMethod(method)!.Invoke(null, arguments);
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == typeof(PageSize).Assembly.GetName().Name
        ? LoadFromAssemblyPath(typeof(PageSize).Assembly.Location)
        : null;
}
