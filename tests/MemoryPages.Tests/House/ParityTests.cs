using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemoryPages.Tests.House;

/// <summary>docs/parity.md says which test holds which promise: a table of <c>| row | what | API | test | systems |</c>. What it names must be there.</summary>
public sealed partial class ParityTests
{
    private static readonly string s_file = Path.Combine(Snippet.RepositoryRoot, "docs", "parity.md");

    /// <summary>Class names, and Class.Method for each test of every test project and each benchmark: read from the source, since not all are this assembly's.</summary>
    private static readonly Lazy<HashSet<string>> s_tests = new(() =>
    [
        .. new[] { "tests", "bench" }.SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(Snippet.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/"))
            .SelectMany(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>())
            .SelectMany(type => type.Members.OfType<MethodDeclarationSyntax>()
                .Where(method => method.AttributeLists.SelectMany(list => list.Attributes).Any(a => a.Name.ToString() is "Fact" or "Theory" or "Benchmark"))
                .SelectMany(method => new[] { type.Identifier.Text, $"{type.Identifier.Text}.{method.Identifier.Text}" })),
    ]);

    [Fact]
    public void Every_row_names_a_test_that_exists()
    {
        Assert.True(File.Exists(s_file), $"{s_file} is missing: it says which test holds which promise.");
        string text = File.ReadAllText(s_file);
        Assert.NotEmpty(Rows(text));
        Assert.Empty(Problems(text));
    }

    [Fact]
    public void Every_test_that_stands_for_one_of_a_seed_exists()
    {
        string[] named = [.. File.ReadLines(Path.Combine(Snippet.RepositoryRoot, "docs", "seed-tests.md"))
            .SelectMany(line => InBackticks().Matches(CellEdge().Split(line.Trim().Trim('|'))[^1])).Select(match => match.Groups[1].Value)
            .Where(name => name.Split('.')[0].EndsWith("Tests"))];
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(s_tests.Value));
    }

    [Theory]
    [InlineData("| P1 | it | `Api` | `ParityTests.Every_row_names_a_test_that_exists` | Linux |", 0)]
    [InlineData("| P1 | it | `Api` | `ParityTests`, `FloorTests.No_room_uses_one_beside_or_above_it` | Linux |", 0)]
    [InlineData("| P1 | it | `A\\|B` | `ParityTests` | Linux |", 0)]
    [InlineData("| P1 | it | `Api` | `ParityTests.No_such_test` | Linux |", 1)]
    [InlineData("| P1 | it | `Api` | `NoSuchTests` | Linux |", 1)]
    [InlineData("| P1 | it | `Api` | by hand | Linux |", 1)]
    [InlineData("| P1 | it | `Api` |", 1)]
    public void Rows_that_name_no_test_are_found(string row, int problems) =>
        Assert.Equal(problems, Problems($"# Parity\n\n| row | what | API | test | systems |\n|---|---|---|---|---|\n{row}\n").Count());

    private static IEnumerable<string> Problems(string text)
    {
        foreach (string[] cells in Rows(text))
        {
            string[] named = cells.Length == 5 ? [.. InBackticks().Matches(cells[3]).Select(match => match.Groups[1].Value)] : [];
            if (named.Length == 0)
            {
                yield return $"Row {cells[0]} names no test in its fourth column.";
            }

            foreach (string test in named.Where(test => !s_tests.Value.Contains(test)))
            {
                yield return $"Row {cells[0]} names {test}, which does not exist.";
            }
        }
    }

    /// <summary>The rows below a table's head and its line of dashes.</summary>
    private static IEnumerable<string[]> Rows(string text) => text.Split('\n').Select(line => line.Trim())
        .Where(line => line.StartsWith('|') && line.EndsWith('|'))
        .Select(line => CellEdge().Split(line[1..^1]).Select(cell => cell.Trim()).ToArray())
        .Where(cells => cells[0] != "row" && !cells[0].All(c => c is '-' or ':'));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InBackticks();

    /// <summary>A bar, unless it is escaped.</summary>
    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellEdge();
}
