namespace MemoryPages.Tests;

/// <summary>What a protection does not allow does not compile.</summary>
public sealed class CapabilityPromiseTests
{
    [Theory]
    [InlineData("NoAccess", "Read()", "IReadable")]
    [InlineData("WriteOnly", "Read()", "IReadable")]
    [InlineData("ExecuteOnly", "Read()", "IReadable")]
    [InlineData("NoAccess", "Read(new(0, 1))", "IReadable")]
    [InlineData("WriteOnly", "Read(new(0, 1))", "IReadable")]
    [InlineData("ExecuteOnly", "Read(new(0, 1))", "IReadable")]
    [InlineData("NoAccess", "Write()", "IReadable")]
    [InlineData("ReadOnly", "Write()", "IWritable")]
    [InlineData("WriteOnly", "Write()", "IReadable")] // a view to write can be read
    [InlineData("ExecuteOnly", "Write()", "IReadable")]
    [InlineData("ReadExecute", "Write()", "IWritable")]
    [InlineData("ReadOnly", "Write(new(0, 1))", "IWritable")]
    [InlineData("ReadOnly", "LeaseMemory()", "IWritable")]
    [InlineData("ReadExecute", "LeaseMemory()", "IWritable")]
    [InlineData("WriteOnly", "LeaseMemory()", "IReadable")]
    [InlineData("WriteOnly", "LeaseReadOnlyMemory()", "IReadable")]
    [InlineData("ExecuteOnly", "LeaseReadOnlyMemory()", "IReadable")]
    [InlineData("NoAccess", "DangerousFunction()", "IExecutable")]
    [InlineData("ReadOnly", "DangerousFunction()", "IExecutable")]
    [InlineData("ReadWrite", "DangerousFunction()", "IExecutable")]
    [InlineData("WriteOnly", "DangerousFunction()", "IExecutable")]
    public void A_lease_needs_the_permission_that_it_gives(string protection, string open, string missing) =>
        AssertMissing(protection, missing, Snippet.Errors($"using var p = Pages.Allocate<{protection}>(1); using var lease = p.{open};"));

    [Theory]
    [InlineData("NoAccess", "CopyTo(0, new byte[1])", "IReadable")]
    [InlineData("WriteOnly", "CopyTo(0, new byte[1])", "IReadable")]
    [InlineData("ExecuteOnly", "CopyTo(0, new byte[1])", "IReadable")]
    [InlineData("NoAccess", "CopyFrom(0, new byte[1])", "IWritable")]
    [InlineData("ReadOnly", "CopyFrom(0, new byte[1])", "IWritable")]
    [InlineData("ReadExecute", "CopyFrom(0, new byte[1])", "IWritable")]
    [InlineData("ReadOnly", "Discard()", "IWritable")]
    [InlineData("WriteOnly", "Offer()", "IReadable")]
    [InlineData("ReadOnly", "Reclaim()", "IWritable")]
    [InlineData("NoAccess", "Lock()", "IAccessible")]
    [InlineData("ExecuteOnly", "Prefault()", "IAccessible")]
    public void A_verb_needs_the_permission_that_it_uses(string protection, string use, string missing) =>
        AssertMissing(protection, missing, Snippet.Errors($"using var p = Pages.Allocate<{protection}>(1); p.{use};"));

    [Theory]
    [InlineData("ReadOnly", "Write(0, 1)", "CS1929", "ReadWrite")]
    [InlineData("ReadExecute", "Write(0, 1)", "CS1929", "ReadWrite")]
    [InlineData("NoAccess", "Write(0, 1)", "CS1929", "ReadWrite")]
    [InlineData("WriteOnly", "Read<int>(0)", "CS0315", "IReadable")]
    [InlineData("NoAccess", "Read<int>(0)", "CS0315", "IReadable")]
    [InlineData("ExecuteOnly", "Read<int>(0)", "CS0315", "IReadable")]
    public void A_value_needs_the_permission_to_go_its_way(string protection, string use, string id, string part)
    {
        string error = Assert.Single(Snippet.Errors($"using var p = Pages.Allocate<{protection}>(1); p.{use};"));
        Assert.StartsWith(id + ": ", error);
        Assert.Contains(part, error);
    }

    [Theory]
    [InlineData("ReadOnly", "Write()", "IWritable")]
    [InlineData("NoAccess", "Read()", "IReadable")]
    [InlineData("WriteOnly", "Read()", "IReadable")]
    public void A_scope_gives_what_its_own_protection_allows(string protection, string open, string missing) => AssertMissing(
        protection, missing, Snippet.Errors($"using var p = Pages.Allocate(1); using var s = p.ProtectScope<{protection}>(new(0, 1)); using var v = s.{open};"));

    [Theory]
    [InlineData("v.Span[0] = 1;")]
    [InlineData("v[0] = 1;")]
    [InlineData("v.Slice(0, 1)[0] = 1;")]
    [InlineData("v.Elements<int>()[0] = 1;")]
    public void A_view_to_read_cannot_be_written_through(string write) =>
        Assert.StartsWith("CS8331: ", Assert.Single(Snippet.Errors($"using var p = Pages.Allocate(1); using var v = p.Read(); {write}")));

    [Theory]
    [InlineData("Pages.Allocate<ReadOnly>(1).DenyWrite()", "DenyWrite")]
    [InlineData("Pages.Allocate(1).AllowExecute()", "AllowExecute")] // would be writable and executable
    [InlineData("Pages.Allocate<ReadExecute>(1).AllowWrite()", "AllowWrite")]
    [InlineData("Pages.Allocate<ExecuteOnly>(1).AllowWrite()", "AllowWrite")]
    [InlineData("Pages.Allocate<WriteOnly>(1).AllowExecute()", "AllowExecute")]
    public void There_is_no_name_for_a_transition_to_what_is_there_already_or_unsafe(string transition, string name)
    {
        string error = Assert.Single(Snippet.Errors($"using var p = {transition};"));
        Assert.StartsWith("CS1929: ", error);
        Assert.Contains($"'{name}'", error);
    }

    [Theory]
    [InlineData("v.Elements<string>();")]
    [InlineData("v.Elements<(int, object)>();")]
    [InlineData("p.Write(0, \"text\");")]
    [InlineData("p.Read<string>(0);")]
    public void References_cannot_be_put_where_the_garbage_collector_does_not_look(string use) =>
        Assert.Matches("^(CS8377|CS0453): ", Assert.Single(Snippet.Errors($"using var p = Pages.Allocate(1); using var v = p.Write(); {use}")));

    [Fact]
    public void The_safe_types_do_not_hold_one_that_writes_and_runs()
    {
        // By reflection, since a name that does not exist proves only that it is spelled differently.
        Type[] protections = [.. typeof(IProtection).Assembly.GetExportedTypes().Where(t => t.IsValueType && t.IsAssignableTo(typeof(IProtection)))];
        Assert.Equal(6, protections.Count(t => t.Namespace == "MemoryPages"));
        Type both = Assert.Single(protections, t => t.IsAssignableTo(typeof(IWritable)) && t.IsAssignableTo(typeof(IExecutable)));
        Assert.Equal("MemoryPages.Unsafe", both.Namespace);
    }

    [Theory]
    [InlineData("IProtection")]
    [InlineData("IReadable, IWritable, IExecutable")]
    public void No_user_can_add_one(string interfaces)
    {
        string error = Assert.Single(Snippet.ErrorsOf($"MemoryPages.Pages.Allocate<Mine>(1); struct Mine : {interfaces.Replace("I", "MemoryPages.I")} {{ }}"));
        Assert.StartsWith("CS0535: ", error);
        Assert.Contains("IProtection.Protection", error);
    }

    [Fact]
    public void Implementing_the_hidden_member_does_not_help()
    {
        string[] errors = Snippet.ErrorsOf(
            "MemoryPages.Pages.Allocate<Mine>(1); struct Mine : MemoryPages.IProtection { static MemoryPages.PageProtection MemoryPages.IProtection.Protection => (MemoryPages.PageProtection)7; }");
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.Contains("Protection", e));
    }

    [Theory]
    [InlineData("Pages.Allocate(-1)", "CS1503")]
    [InlineData("Pages.Allocate(int.Parse(\"5\"))", "CS1503")]
    [InlineData("Pages.Allocate(1L)", "CS1503")]
    [InlineData("Pages.Allocate<int>(1)", "CS0315")]
    [InlineData("Pages.Allocate<IProtection>(1)", "CS0453")]
    [InlineData("new Pages<ReadWrite>()", "CS1729")]
    public void Sizes_and_protections_that_make_no_sense_do_not_compile(string expression, string id) =>
        Assert.StartsWith(id + ": ", Assert.Single(Snippet.Errors($"using var p = {expression};")));

    private static void AssertMissing(string protection, string missing, string[] errors)
    {
        Assert.All(errors, e => Assert.StartsWith("CS0315: ", e));
        Assert.Contains(errors, e => e.Contains($"no boxing conversion from 'MemoryPages.{protection}' to 'MemoryPages.{missing}'"));
    }
}
