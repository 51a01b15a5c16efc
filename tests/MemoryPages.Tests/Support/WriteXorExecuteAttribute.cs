using System.Reflection;
using Xunit.v3;

namespace MemoryPages.Tests.Support;

/// <summary>After each test: no page of the process is writable and executable at once.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class WriteXorExecuteAttribute : BeforeAfterTestAttribute
{
    /// <summary>
    /// The runtime keeps to the rule with its own code, by mapping it twice, unless it is told not to; then its pages cannot be told from anybody
    /// else's.
    /// </summary>
    public static bool RuntimeKeepsToIt => Environment.GetEnvironmentVariable("DOTNET_EnableWriteXorExecute") != "0";

    /// <summary>Lines of the system's list.</summary>
    public static string[] Violations() => !RuntimeKeepsToIt
        ? []
        : [.. File.ReadLines(Needed.File("/proc/self/maps")).Where(line => line.AsSpan(line.IndexOf(' ') + 1) is [_, 'w', 'x', ..])];

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Assert.Empty(OperatingSystem.IsLinux() ? Violations() : []);
}
