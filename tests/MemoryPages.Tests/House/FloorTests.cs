namespace MemoryPages.Tests.House;

/// <summary>Arrows go down only.</summary>
public sealed class FloorTests
{
    [Fact]
    public void Every_folder_has_its_floor() => Assert.Empty(Floors.UnknownRooms(Sources.AllFiles
        .Where(path => path.StartsWith(Sources.Library + Path.DirectorySeparatorChar)).Select(Sources.RoomOf).Distinct()));

    [Fact]
    public void No_room_uses_one_beside_or_above_it() => Assert.Empty(Floors.Violations(Sources.Compilation));

    /// <summary>If hardly anything binds, nothing can be found: the check above would be blind.</summary>
    [Fact]
    public void The_sources_bind_but_for_what_is_generated()
    {
        string[] errors = [.. Sources.Compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error)
            .Where(d => d.Id is not ("CS8795" or "CS0165" or "CS0170" or "CS0177")) // a partial method without its generated body, and what that assigns
            .Select(d => d.ToString())];
        Assert.True(errors.Length == 0, string.Join('\n', errors.Take(20)));
    }

    [Theory]
    [InlineData("Platform", "internal class A { object O => new MemoryPages.Test.Upper(); }")]
    [InlineData("Mapping", "internal class A { Upper? _upper; }")]
    [InlineData("Mapping", "internal class A { int I => Upper.Value; }")]
    [InlineData("Pages", "internal class A : Upper;")]
    public void A_use_of_a_higher_floor_is_found(string room, string code) => Assert.NotEmpty(Floors.Violations(Sources.Compile(
    [
        (Path.Combine(Sources.Library, "Files", "Upper.cs"), "namespace MemoryPages.Test; internal class Upper { public static int Value => 1; }"),
        (Path.Combine(Sources.Library, room, "A.cs"), "namespace MemoryPages.Test; " + code),
    ])));

    [Theory]
    [InlineData("Files", "Virtual", false)]
    [InlineData("Virtual", "Files", false)]
    [InlineData("Pages", "Diagnostics", false)]
    [InlineData("Mapping", "Diagnostics", false)]
    [InlineData("Diagnostics", "Files", false)]
    [InlineData("Diagnostics", "Pages", false)]
    [InlineData("Diagnostics", "Mapping", true)]
    [InlineData("Allocators", "Virtual", true)]
    [InlineData("Unsafe", "Pages", true)]
    [InlineData("Pages", "Unsafe", true)]
    [InlineData("Files", "Platform", true)]
    [InlineData("Platform", "Files", false)]
    public void Rooms_may_use_what_is_below_them_only(string user, string used, bool may) => Assert.Equal(may, !Floors.Violations(Sources.Compile(
    [
        (Path.Combine(Sources.Library, used, "Used.cs"), "namespace MemoryPages.Test; internal class Used { public static int Value => 1; }"),
        (Path.Combine(Sources.Library, user, "User.cs"), "namespace MemoryPages.Test; internal class User { int I => Used.Value; }"),
    ])).Any());

    /// <summary>A member of a partial type belongs to the room of its own file.</summary>
    [Fact]
    public void A_partial_types_member_is_judged_by_its_own_place() => Assert.Contains("Value of Files", Assert.Single(Floors.Violations(Sources.Compile(
    [
        (Path.Combine(Sources.Library, "Pages", "Noun.cs"), "namespace MemoryPages.Test; internal static partial class Noun { public static int Own => 1; }"),
        (Path.Combine(Sources.Library, "Files", "Noun.Files.cs"), "namespace MemoryPages.Test; internal static partial class Noun { public static int Value => Own; }"),
        (Path.Combine(Sources.Library, "Pages", "User.cs"), "namespace MemoryPages.Test; internal class User { int I => Noun.Own + Noun.Value; }"),
    ]))));
}
