using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

/// <summary>One thing that the library does, shown on real memory.</summary>
/// <remarks>
/// Lines of a step that end in <c>//&gt;</c> are shown to the user, with what follows the mark: the native calls that the line makes, written as
/// <see cref="CodeLine.Asks"/> says. Each further <c>&gt;</c> moves the line one level to the left. Lines without the mark are the tour's own looking
/// and measuring.
/// </remarks>
internal abstract class TourStep
{
    /// <summary>A name for machines.</summary>
    public abstract string Name { get; }

    public abstract string Title { get; }

    /// <summary>What is to be seen, in one line.</summary>
    public abstract string Lesson { get; }

    /// <summary>What is shown of the step's source.</summary>
    public virtual IReadOnlyList<CodeLine> Lines => ShownSource.Of(GetType());

    public abstract void Run(StepRecorder record);
}
