using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>What the doctor found: one document for both renderers.</summary>
internal sealed record DoctorReport(string Version, IReadOnlyList<SystemFact> System, IReadOnlyList<SectionReport> Sections)
{
    public int Ok => Count(FindingStatus.Ok);

    public int Limited => Count(FindingStatus.Limited);

    public int Missing => Count(FindingStatus.Missing);

    private int Count(FindingStatus status) => Sections.Sum(section => section.Findings.Count(finding => finding.Status == status));
}

/// <summary>The findings about one thing.</summary>
/// <param name="Name">What <c>--only</c> takes.</param>
/// <param name="Title">For people.</param>
/// <param name="Findings">One row each.</param>
internal sealed record SectionReport(string Name, string Title, IReadOnlyList<Finding> Findings);
