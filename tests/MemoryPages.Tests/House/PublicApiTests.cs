namespace MemoryPages.Tests.House;

/// <summary>No change of the public surface goes unseen: it is checked in.</summary>
public sealed class PublicApiTests
{
    private static readonly string s_file = Path.Combine(Sources.Library, "PublicApi.txt");

    [Fact]
    public void The_public_surface_is_the_one_that_is_checked_in()
    {
        string actual = PublicApi.Of(typeof(Pages).Assembly.Location);
        if (Environment.GetEnvironmentVariable("MEMORYPAGES_ACCEPT_API") == "1")
        {
            File.WriteAllText(s_file, actual);
        }

        string[] known = File.Exists(s_file) ? File.ReadAllText(s_file).Split('\n') : [];
        string[] lines = actual.Split('\n');
        string change = string.Join('\n', known.Except(lines).Select(line => "- " + line).Concat(lines.Except(known).Select(line => "+ " + line)));
        Assert.True(
            known.SequenceEqual(lines),
            $"The public surface changed:\n{change}\nIf that is meant: run this test once with MEMORYPAGES_ACCEPT_API=1 and check in {s_file}.");
    }

    [Fact]
    public void The_text_shows_what_users_see()
    {
        string text = PublicApi.Of(typeof(Pages).Assembly.Location);
        Assert.Contains("class MemoryPages.Pages<TProtection>", text);
        Assert.Contains("Discard(MemoryPages.PageRange? range = null)", text);
        Assert.Contains("extension(MemoryPages.Pages<TProtection> pages) where TProtection : struct, MemoryPages.IWritable", text);
        Assert.DoesNotContain("<>", text);
        Assert.DoesNotContain("MappingHandle", text);
    }
}
