using System.Collections.Generic;
using System.Linq;
using System.Threading;
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

        foreach (ISymbol held in ToBeDisposed(type, vocabulary))
        {
            string? problem = !IsDisposedBy(type, held.Name, context.CancellationToken)
                ? "does not dispose it"
                : !type.IsRefLikeType && !vocabulary.ImplementsDisposable(type)
                ? "does not implement IDisposable: a box or a span of it would not find its Dispose" : null;
            if (problem is not null)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rule.Undisposed, held.Locations[0], type.Name, held.Name, problem));
            }
        }
    }

    /// <summary>The fields and properties of a struct that do not end by themselves.</summary>
    internal static IEnumerable<ISymbol> ToBeDisposed(INamedTypeSymbol type, OwnershipVocabulary vocabulary) => type.GetMembers().OfType<IFieldSymbol>()
        .Where(field => !field.IsStatic && field.RefKind == RefKind.None && vocabulary.IsLease(field.Type))
        .Select(field => field.AssociatedSymbol ?? field);

    /// <summary>A method named Dispose, of the struct or of an interface, that names the member.</summary>
    internal static bool IsDisposedBy(INamedTypeSymbol type, string member, CancellationToken cancellation) => type.GetMembers().OfType<IMethodSymbol>()
        .Where(method => method.Name.Split('.').Last() is "Dispose" or "DisposeAsync")
        .SelectMany(method => method.DeclaringSyntaxReferences)
        .Any(reference => reference.GetSyntax(cancellation).DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
            name.Identifier.ValueText == member));
}
