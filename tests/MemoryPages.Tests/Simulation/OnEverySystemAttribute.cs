namespace MemoryPages.Tests.Simulation;

/// <summary>The tests of this class hold on every system: they are run on the simulated ones too.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnEverySystemAttribute : Attribute;

/// <summary>This test looks at what only the running system does, and is not run on simulated ones.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OnlyForRealAttribute(string because) : Attribute
{
    public string Because => because;
}
