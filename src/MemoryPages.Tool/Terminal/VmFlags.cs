using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Terminal;

/// <summary>The kernel's two-letter flags of a mapping (proc(5)): what is new stands out and is explained.</summary>
internal sealed class VmFlags
{
    private static readonly Dictionary<string, string> s_meanings = new()
    {
        ["rd"] = "readable",
        ["wr"] = "writable",
        ["ex"] = "executable",
        ["sh"] = "shared",
        ["lo"] = "locked",
        ["rr"] = "random reads",
        ["sr"] = "sequential reads",
        ["hg"] = "huge pages wished",
        ["nh"] = "no huge pages",
        ["ht"] = "explicit huge pages",
        ["dc"] = "not for children",
        ["dd"] = "not in core dumps",
        ["ac"] = "promised memory",
    };

    private readonly string[] _fresh;
    private readonly string[] _gone;

    private VmFlags(string[] fresh, string[] gone)
    {
        _fresh = fresh;
        _gone = gone;
    }

    /// <summary>What came and went between two moments; nothing before the first.</summary>
    public static VmFlags Between(Snapshot? before, Snapshot after)
    {
        string[] now = Of(after);
        string[] then = before is null ? now : Of(before);
        return new VmFlags([.. now.Except(then)], [.. then.Except(now)]);
    }

    public string Draw(string flags)
    {
        IEnumerable<string> words = Split(flags).Select(word => _fresh.Contains(word) ? $"[bold green]{word}[/]" : $"[grey62]{word}[/]");
        return string.Join(' ', words.Prepend("[grey62]VmFlags[/]"));
    }

    public string Explain() => string.Join("   ",
        _fresh.Select(static word => $"[green]+{word} {Meaning(word)}[/]").Concat(_gone.Select(static word => $"[yellow]-{word} {Meaning(word)}[/]")));

    private static string Meaning(string word) => s_meanings.GetValueOrDefault(word, "");

    private static string[] Of(Snapshot snapshot) => [.. snapshot.Regions.SelectMany(static region => Split(region.VmFlags)).Distinct()];

    private static string[] Split(string flags) => flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
