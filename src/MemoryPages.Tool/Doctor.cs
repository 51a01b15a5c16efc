using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;
using MemoryPages.Tool.Sections;

namespace MemoryPages.Tool;

/// <summary>The sections in their order, each looked at when it is asked for.</summary>
internal sealed class Doctor(ExaminedMachine machine)
{
    private static readonly DoctorSection[] s_sections =
    [
        new PagesSection(),
        new HugePagesSection(),
        new TransparentHugePagesSection(),
        new NumaSection(),
        new DevicesSection(),
        new LimitsSection(),
        new SwapSection(),
        new PrivilegesSection(),
        new KernelSection(),
        new CodeSection(),
        new FilesSection(),
    ];

    public static IEnumerable<string> SectionNames => s_sections.Select(static section => section.Name);

    /// <param name="only">Names of sections; empty for all.</param>
    public IEnumerable<SectionReport> Examine(IReadOnlyCollection<string> only) => s_sections
        .Where(section => only.Count == 0 || only.Contains(section.Name))
        .Select(section => new SectionReport(section.Name, section.Title, [.. Examine(section)]));

    /// <summary>A sandbox may refuse what no kernel does: then the rest of the section is not known, and all others are.</summary>
    private List<Finding> Examine(DoctorSection section)
    {
        var findings = new List<Finding>();
        try
        {
            foreach (Finding finding in section.Examine(machine))
            {
                findings.Add(finding);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            findings.Add(new Finding("the rest", $"not tried: {refused.Message}", FindingStatus.Limited, "what else belongs to this section")
            {
                Obstacle = "A call was refused that these trials begin with.",
            });
        }

        return findings;
    }
}
