using System.Reflection;
using System.Runtime.Versioning;
using MemoryPages.Platform;

namespace MemoryPages.Tests.House;

/// <summary>One assembly for all systems: what the compiler can check of that (CA1416) is left to it to check.</summary>
public sealed class PortabilityTests
{
    /// <summary>Else the compiler would not know that its calls are one system's.</summary>
    [Fact]
    public void Every_floor_says_which_system_it_is_for()
    {
        Type[] floors = [.. typeof(Pages).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(MemorySystem)))];
        Assert.True(floors.Length >= 2);
        Assert.All(floors, floor => Assert.Equal(
            floor.Namespace!.Split('.')[^1].ToLowerInvariant(), Assert.Single(floor.GetCustomAttributes<SupportedOSPlatformAttribute>()).PlatformName));
    }

    [Fact]
    public void Nothing_keeps_the_compiler_from_telling_calls_that_not_every_system_has()
    {
        string[] files = [
            .. Sources.AllFiles,
            Path.Combine(Snippet.RepositoryRoot, ".editorconfig"),
            .. Directory.EnumerateFiles(Snippet.RepositoryRoot, "*.props"),
            .. Directory.EnumerateFiles(Sources.Root, "*.csproj", SearchOption.AllDirectories)];
        Assert.True(files.Length > 100);
        Assert.DoesNotContain(files, path => File.ReadAllText(path).Contains("CA1416"));
    }

    [Fact]
    public void The_assembly_is_for_every_processor()
    {
        typeof(Pages).Module.GetPEKind(out PortableExecutableKinds kind, out ImageFileMachine machine);
        Assert.Equal((PortableExecutableKinds.ILOnly, ImageFileMachine.I386), (kind, machine)); // "I386" is what any processor is called there
    }
}
