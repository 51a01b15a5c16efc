namespace MemoryPages.Tests;

/// <summary>What the documents show compiles as it stands; what they call safe needs no <c>unsafe</c>, and what they call dangerous does.</summary>
public sealed class DocumentedExampleTests
{
    [Theory]
    [InlineData(
        """
        using var pages = Pages.Allocate(0x40000);
        using (var view = pages.Write())
            Fill(view.Span);
        using Pages<ReadOnly> data = pages.Protect<ReadOnly>();
        data.Advise(Advice.Random);
        data.Lock(); data.Prefault();
        using Pages<ReadOnly> log = Pages.Map("access.log");
        static void Fill(Span<byte> span) => span.Fill(1);
        """)]
    [InlineData(
        """
        using var pages = Pages.Allocate(0x40000);
        using (var view = pages.Write())
            ReadData(view.Span);
        using Pages<ReadOnly> sealed_ = pages.Protect<ReadOnly>();
        using Pages<ReadExecute> code = Pages.Allocate(1).Protect<ReadExecute>();
        using Pages<ReadOnly> file = Pages.Map("huge.bin");
        file.Advise(Advice.Sequential);
        static void ReadData(Span<byte> span) => span.Clear();
        """)]
    [InlineData("using var p = Pages.Allocate(1); p.Write(3, 42); int x = p.Read<int>(3); using var q = p.DenyWrite(); x = q.Read<int>(3);")]
    [InlineData("using var p = Pages.Allocate<WriteOnly>(1); p.Write(0, (1, 2.5)); p.CopyFrom(8, stackalloc byte[4]); p.Discard();")]
    [InlineData("using var p = Pages.Allocate(1); using (var s = p.ProtectScope<ReadOnly>(new(0, 1))) using (var v = s.Read()) { byte b = v[0]; }")]
    [InlineData("using var p = Pages.Allocate(1, new() { Alignment = 1 << 21, HugePages = HugePages.Transparent, Populate = true, Name = \"x\" });")]
    [InlineData("if (Pages.TryAllocate(1, out var p)) { using (p) { p.Write(0, 1); } }")]
    [InlineData("using var p = Pages.Allocate(1); p.Resize(1 << 20, mayMove: true); p.Offer(); nuint lost = p.Reclaim(); p.Unlock(); p.Flush();")]
    [InlineData("using var p = Pages.Allocate(1); using var m = p.LeaseMemory(); Memory<byte> all = m.Memory; using var r = p.LeaseReadOnlyMemory(new(1, 2));")]
    [InlineData("using var p = Pages.Allocate<NoAccess>(1).AllowWrite().AllowRead().AllowExecuteDenyWrite().DenyExecute().DenyRead();")]
    public void Examples_compile_without_unsafe(string statements) => Assert.Empty(Snippet.Errors(statements));

    [Theory]
    [InlineData("using var p = Pages.Allocate(1);", "byte* b = p.DangerousPointer();")]
    [InlineData("using var p = Pages.Allocate(1);", "var b = p.DangerousPointer(7);")]
    [InlineData("using var p = Pages.Allocate<ReadExecute>(1); using var f = p.DangerousFunction();", "var b = f.Pointer;")]
    [InlineData("using var p = Pages.Allocate<ReadExecute>(1); using var f = p.DangerousFunction();", "((delegate* unmanaged<int>)f.Pointer)();")]
    public void Addresses_need_unsafe(string safe, string dangerous)
    {
        Assert.Empty(Snippet.Errors(safe));
        string[] errors = Snippet.Errors(safe + dangerous);
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.StartsWith("CS0214: ", e));
        Assert.Empty(Snippet.Errors(safe + "unsafe { " + dangerous + " }", allowUnsafe: true));
    }

    [Theory]
    [InlineData("DangerousPointer()", "ReadWrite")]
    [InlineData("DangerousAdvise(default)", "ReadWrite")]
    [InlineData("DangerousFunction()", "ReadExecute")]
    public void Dangerous_members_are_not_even_seen_without_the_unsafe_namespace(string use, string protection)
    {
        string source = $"using MemoryPages; unsafe {{ using var p = Pages.Allocate<{protection}>(1); p.{use}; }}";
        Assert.StartsWith("CS1061: ", Assert.Single(Snippet.ErrorsOf(source, allowUnsafe: true)));
        Assert.Empty(Snippet.ErrorsOf("using MemoryPages.Unsafe; " + source, allowUnsafe: true));
    }
}
