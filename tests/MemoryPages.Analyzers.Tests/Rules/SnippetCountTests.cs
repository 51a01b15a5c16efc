using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>Each rule is shown at work often enough, and left alone often enough.</summary>
public sealed partial class SnippetCountTests
{
    private const int Fewest = 15;

    public static TheoryData<string> Rules() => [.. Enumerable.Range(1001, 10).Select(number => $"MP{number}")];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_has_fifteen_snippets_that_it_reports_and_fifteen_that_it_does_not(string rule)
    {
        Type[] classes = [.. typeof(SnippetCountTests).Assembly.GetTypes().Where(type => Snippets(type, "Wrong") is not null && RuleOf(type) == rule)];
        int wrong = classes.Sum(type => Snippets(type, "Wrong")!.Count(snippet => snippet.Contains("[|", StringComparison.Ordinal)));
        int right = classes.Sum(type => Snippets(type, "Right")!.Count(snippet => !snippet.Contains("[|", StringComparison.Ordinal)));
        Assert.True(wrong >= Fewest && right >= Fewest, $"{rule}: {wrong} snippets that it reports, {right} that it does not.");
    }

    /// <summary>The different ones.</summary>
    private static HashSet<string>? Snippets(Type type, string name) => type.GetProperty(name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is IEnumerable rows
        ? [.. rows.Cast<ITheoryDataRow>().Select(row => row.GetData()[0]).OfType<string>()] : null;

    /// <summary>The classes' summaries are for readers; that they check their rule their sources say.</summary>
    private static string? RuleOf(Type type) => Directory.EnumerateFiles(Path.Combine(Analysis.RepositoryRoot, "tests", "MemoryPages.Analyzers.Tests"), $"{type.Name}.cs", SearchOption.AllDirectories)
        .Select(file => CheckedRule().Match(File.ReadAllText(file))).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    [GeneratedRegex("Analysis\\.Check\\(\"(MP\\d+)\"")]
    private static partial Regex CheckedRule();
}
