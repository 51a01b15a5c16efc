using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

/// <summary>One thing that the doctor looks at. Nothing is changed by it.</summary>
internal abstract class DoctorSection
{
    /// <summary>What <c>--only</c> takes.</summary>
    public abstract string Name { get; }

    public abstract string Title { get; }

    public abstract IEnumerable<Finding> Examine(ExaminedMachine machine);
}
