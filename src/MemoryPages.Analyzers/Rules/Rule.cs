using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Rules;

/// <summary>What is reported, in the words that users read. One page has an example of each: docs/analyzers.md.</summary>
internal static class Rule
{
    /// <summary>In the repository and in the package alike.</summary>
    private const string HelpPage = "docs/analyzers.md";

    public static readonly DiagnosticDescriptor SpentUse = Error(
        "MP1001", "Use of a spent object", "'{0}' {1}", "On every path to here it was disposed or handed on before: this use throws ObjectDisposedException, or finds an empty list or box.");

    public static readonly DiagnosticDescriptor IgnoredResult = Error(
        "MP1002", "The result of a transition is ignored",
        "'{0}' hands everything to the object that it returns, which is ignored here: '{1}' is spent, and nobody can use or dispose what it became",
        "A transition consumes the object that it is called on. What it returns is the only way to the memory.");

    public static readonly DiagnosticDescriptor UnscopedLease = Warning(
        "MP1003", "A lease without using", "'{0}' is a lease that only 'using' ends{1}: without it the memory stays leased, and can be neither changed nor unmapped",
        "A view, a scope, a rental or a function reference is a lease. One that no using ends is open for good.");

    public static readonly DiagnosticDescriptor Copy = Error(
        "MP1004", "A move-only value is copied", "'{0}' {1}",
        "Of a lease or a box there must be one only: whoever ends a copy leaves the original, and every span of it, to memory that may be gone.");

    public static readonly DiagnosticDescriptor EndUnderView = Error(
        "MP1005", "The owner ends, or takes memory away, under a view", "'{0}' {1} while '{2}', taken from it on line {3}, is still in use",
        "End the view first: the run time refuses or defers such a change, and a span or reference would see memory that is gone.");

    public static readonly DiagnosticDescriptor TemporaryOwner = Error(
        "MP1006", "A view of an owner that nobody holds", "'{0}' is taken from an object that no variable holds: nothing disposes it, and nothing keeps it alive",
        "Hold the owner in a variable, with using, for as long as its memory is used.");

    public static readonly DiagnosticDescriptor LostOwner = Warning(
        "MP1007", "An owner that is never disposed", "'{0}' is {1}: its memory stays until the garbage collector finds it, if ever",
        "Dispose it, declare it with using, or hand it on.");

    public static readonly DiagnosticDescriptor DangerousUse = Warning(
        "MP1008", "A dangerous member outside unsafe code, or kept in a field", "'{0}' {1}",
        "What neither compiler nor run time can make safe belongs into an unsafe context, where readers look for it, and its result not into a field that outlives the owner.");

    public static readonly DiagnosticDescriptor Undisposed = Error(
        "MP1009", "A struct does not dispose the move-only value in it", "'{0}' holds '{1}', which must be disposed, and {2}",
        "A struct with a move-only value in it must dispose it in its own Dispose, that of IDisposable.");

    public static readonly DiagnosticDescriptor Unexplained = Warning(
        "MP1010", "A dangerous type without a reason", "'{0}' is named without a reason: suppress {1} around this line, and say why behind it (#pragma warning disable {1} // because …)",
        "Memory that can be written and run at once is what attackers look for. Whoever needs it says why, where it is used.");

    /// <summary>A property of reports that <c>using</c> at the declaration does not mend: on some ways the variable is handed on.</summary>
    public const string NotByUsing = nameof(NotByUsing);

    private static DiagnosticDescriptor Error(string id, string title, string message, string description) =>
        Of(id, title, message, description, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message, string description) =>
        Of(id, title, message, description, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Of(string id, string title, string message, string description, DiagnosticSeverity severity) =>
        new(id, title, message, "Ownership", severity, isEnabledByDefault: true, description, HelpPage + "#" + id.ToLowerInvariant());
}
