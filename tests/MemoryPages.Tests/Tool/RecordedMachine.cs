using MemoryPages.Tests.Files;
using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tests.Commands;

/// <summary>What another machine says of itself in /proc and /sys, in a folder.</summary>
internal sealed class RecordedMachine : IDisposable
{
    private readonly TempFolder _root = new();

    public RecordedMachine With(string path, string text)
    {
        string file = _root.Path + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public RecordedMachine WithPool(string folder, long total, long free, long reserved = 0, long surplus = 0) =>
        With($"{folder}/nr_hugepages", $"{total}\n")
        .With($"{folder}/free_hugepages", $"{free}\n").With($"{folder}/resv_hugepages", $"{reserved}\n")
        .With($"{folder}/surplus_hugepages", $"{surplus}\n").With($"{folder}/nr_overcommit_hugepages", "0\n");

    /// <summary>The findings of one section, by name.</summary>
    public IReadOnlyDictionary<string, Finding> Examine(string section) =>
        Assert.Single(Sections(section)).Findings.ToDictionary(finding => finding.Name);

    public SectionReport[] Sections(params string[] only) =>
        [.. new MemoryPages.Tool.Doctor(new ExaminedMachine(new SystemFiles(_root.Path), "/home/user")).Examine(only)];

    public void Dispose() => _root.Dispose();
}
