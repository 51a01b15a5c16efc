using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Analyzers.Tests.Fuzz;

/// <summary>MP1001 against the library itself: what is reported always throws, and what always throws is reported.</summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private const int MostWays = 128;

    /// <summary>Programs a run; more with the environment variable, and from another seed.</summary>
    private static readonly int s_count = Setting("MEMORYPAGES_FUZZ_PROGRAMS", 300);
    private static readonly int s_seed = Setting("MEMORYPAGES_FUZZ_SEED", 1);

    [Fact]
    public async Task Reports_and_runs_agree()
    {
        int reported = 0, certain = 0;
        foreach (int[] seeds in Enumerable.Range(s_seed, s_count).Chunk(100))
        {
            var programs = new List<GeneratedProgram>();
            foreach (int seed in seeds)
            {
                programs.Add(new GeneratedProgram(seed, programs.Count == 0 ? 0 : programs[^1].Statements));
            }

            string source = Analysis.Usings + "using MemoryPages.Analyzers.Tests.Fuzz;\npublic static class Generated {\n" + string.Concat(programs.Select(program => program.Text)) + "}\n";
            CSharpCompilation compilation = Analysis.Compile(source).AddReferences(MetadataReference.CreateFromFile(typeof(Oracle).Assembly.Location));
            ImmutableArray<Diagnostic> reports = await Analysis.Reports(compilation);
            HashSet<int> statements = [.. reports.Where(report => report.Id == "MP1001").Select(report => StatementOf(report, source))];
            Type generated = Analysis.Load(compilation).GetType("Generated")!;
            foreach (GeneratedProgram program in programs)
            {
                var run = generated.GetMethod(program.Name)!.CreateDelegate<Action>();
                (int ways, int threw, bool areAll) = Oracle.Run(run, MostWays);
                int[] here = [.. statements.Where(statement => statement >= program.FirstStatement && statement < program.Statements)];
                reported += here.Length;
                Assert.True(!here.Any(Oracle.Passed.Contains), $"{program.Name}: statement {here.FirstOrDefault(Oracle.Passed.Contains)} is reported and can be passed.\n{program.Text}");
                if (areAll && threw == ways && !program.HasMoreWays)
                {
                    certain++;
                    Assert.True(here.Length != 0, $"{program.Name} throws on each of its {ways} ways, and nothing is reported.\n{program.Text}");
                }
            }

            GC.Collect();
        }

        output.WriteLine($"{s_count} programs, {reported} reports, {certain} that throw on every way");
        Assert.True(reported > s_count / 4
            && certain > s_count / 10, $"{reported} reports and {certain} certain throws among {s_count} programs: the generator is too tame.");
    }

    private static int StatementOf(Diagnostic report, string source)
    {
        string line = source.Split('\n')[report.Location.GetLineSpan().StartLinePosition.Line];
        return int.Parse(Number().Match(line).Groups[1].Value);
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value)
        ? value : otherwise;

    [GeneratedRegex(@"Oracle\.Enter\((\d+)\)")]
    private static partial Regex Number();
}
