using System.Collections.Generic;
using System.Linq;
using System.Threading;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1010.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnexplainedTypeAnalyzer() : OwnershipAnalyzer(Rule.Unexplained)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        // Few types are dangerous, and names are many: only those that are named like one are asked what they mean.
        var names = new HashSet<string>(DangerousTypes(context.Compilation, vocabulary).Select(type => type.Name));
        if (names.Count != 0)
        {
            context.RegisterSyntaxNodeAction(node => Analyze(node, vocabulary, names), SyntaxKind.IdentifierName);
        }
    }

    /// <summary>Of this compilation and of what it references, as far as that knows the attribute.</summary>
    private static IEnumerable<INamedTypeSymbol> DangerousTypes(Compilation compilation, OwnershipVocabulary vocabulary)
    {
        var open = new Stack<INamespaceOrTypeSymbol>();
        foreach (IAssemblySymbol assembly in compilation.SourceModule.ReferencedAssemblySymbols.Where(vocabulary.IsKnownTo).Append(compilation.Assembly))
        {
            open.Push(assembly.GlobalNamespace);
        }

        while (open.Count != 0)
        {
            foreach (INamespaceOrTypeSymbol member in open.Pop().GetMembers().OfType<INamespaceOrTypeSymbol>())
            {
                open.Push(member);
                if (member is INamedTypeSymbol { TypeKind: TypeKind.Struct } type && vocabulary.IsDangerous(type))
                {
                    yield return type;
                }
            }
        }
    }

    private static void Analyze(SyntaxNodeAnalysisContext context, OwnershipVocabulary vocabulary, HashSet<string> names)
    {
        var name = (IdentifierNameSyntax)context.Node;
        if (!names.Contains(name.Identifier.ValueText) || name.Parent is UsingDirectiveSyntax || name.FirstAncestorOrSelf<CrefSyntax>() is not null
            || context.SemanticModel.GetSymbolInfo(name, context.CancellationToken).Symbol is not INamedTypeSymbol { TypeKind: TypeKind.Struct } type
            || !vocabulary.IsDangerous(type))
        {
            return;
        }

        string suppressed = type.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { Name: "ExperimentalAttribute" })
            ?.ConstructorArguments.FirstOrDefault().Value as string ?? Rule.Unexplained.Id;
        if (!IsExplained(name, suppressed, context.CancellationToken))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule.Unexplained, name.GetLocation(), type.Name, suppressed));
        }
    }

    /// <summary>
    /// The last pragma before the name that speaks of the diagnostic disables it, and has a comment behind it or on the line above.
    /// </summary>
    private static bool IsExplained(SyntaxNode name, string id, CancellationToken cancellation)
    {
        PragmaWarningDirectiveTriviaSyntax? last = name.SyntaxTree.GetRoot(cancellation).DescendantNodes(descendIntoTrivia: true).OfType<PragmaWarningDirectiveTriviaSyntax>()
            .LastOrDefault(pragma => pragma.SpanStart < name.SpanStart && pragma.ErrorCodes.Any(code => code.ToString() == id));
        return last is not null && last.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword)
            && last.EndOfDirectiveToken.LeadingTrivia.Concat(last.ErrorCodes.Last().GetTrailingTrivia()).Any(IsReason);
    }

    private static bool IsReason(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
        && trivia.ToString().Trim('/', ' ').Length > 3;
}
