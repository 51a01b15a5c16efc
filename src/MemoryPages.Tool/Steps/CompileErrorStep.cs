using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

/// <summary>What the compiler refuses cannot be run; it is quoted. The reason that it gives is looked up.</summary>
internal sealed class CompileErrorStep : TourStep
{
    public override string Name => "compile-error";

    public override string Title => "A write that does not compile";

    public override string Lesson => "Writing to sealed pages is neither a crash nor an exception: it is a red line in the editor.";

    public override IReadOnlyList<CodeLine> Lines { get; } =
    [
        new("using Pages<ReadOnly> data = pages.Protect<ReadOnly>();", ""),
        new("using WriteView view = data.Write();   // not run: there is nothing to run", ""),
    ];

    public override void Run(StepRecorder record)
    {
        record.Quote(
            "the compiler",
            "error CS0315: The type 'MemoryPages.ReadOnly' cannot be used as type parameter 'TProtection' in the generic type or method "
            + "'PagesAccess.extension<TProtection>(Pages<TProtection>)'. There is no boxing conversion from 'MemoryPages.ReadOnly' to "
            + "'MemoryPages.IWritable'.");

        record.Claim("ReadOnly is IReadable", typeof(ReadOnly).IsAssignableTo(typeof(IReadable)));
        record.Claim("ReadOnly is not IWritable", !typeof(ReadOnly).IsAssignableTo(typeof(IWritable)));
        record.Claim("ReadWrite is both, and not IExecutable", IsBoth(typeof(ReadWrite)) && !typeof(ReadWrite).IsAssignableTo(typeof(IExecutable)));
        record.Conclude("CS0315, before anything runs");
    }

    private static bool IsBoth(Type protection) => protection.IsAssignableTo(typeof(IReadable)) && protection.IsAssignableTo(typeof(IWritable));
}
