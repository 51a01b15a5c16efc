using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1009.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndisposedMemberAnalyzer() : OwnershipAnalyzer(Rule.Undisposed)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary) =>
        context.RegisterSymbolAction(symbol => Analyze(symbol, vocabulary), SymbolKind.NamedType);

    private static void Analyze(SymbolAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        if (context.Symbol is not INamedTypeSymbol { TypeKind: TypeKind.Struct } type)
        {
            return;
        }

        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.IsStatic || field.RefKind != RefKind.None || !MustBeDisposed(field.Type, vocabulary))
            {
                continue;
            }

            ISymbol named = field.AssociatedSymbol ?? field;
            if (!IsDisposedBy(type, named.Name, context))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rule.Undisposed, named.Locations[0], type.Name, named.Name));
            }
        }
    }

    private static bool MustBeDisposed(ITypeSymbol type, OwnershipVocabulary vocabulary) =>
        vocabulary.IsLease(type) || (type.IsValueType && vocabulary.IsOwner(type) && vocabulary.IsDisposable(type));

    /// <summary>A method named Dispose, of the struct or of an interface, that names the member.</summary>
    private static bool IsDisposedBy(INamedTypeSymbol type, string member, SymbolAnalysisContext context) => type.GetMembers().OfType<IMethodSymbol>()
        .Where(method => method.Name.Split('.').Last() is "Dispose" or "DisposeAsync")
        .SelectMany(method => method.DeclaringSyntaxReferences)
        .Any(reference => reference.GetSyntax(context.CancellationToken).DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
            name.Identifier.ValueText == member));
}
