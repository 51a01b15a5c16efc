using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using MemoryPages.Analyzers.Rules;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace MemoryPages.Analyzers.CodeFixes;

/// <summary>
/// MP1009: a Dispose that disposes all members that must be, each of them also if one before it throws; or that much more in the one that is there.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
public sealed class GenerateDisposeFix : CodeFixProvider
{
    private const int MostAtOnce = 4; // DisposeAll

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP1009"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => new AllOfDocument();

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        Diagnostic diagnostic = context.Diagnostics.First();
        if (root?.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } type
            || model?.GetDeclaredSymbol(type) is not INamedTypeSymbol symbol || OwnershipVocabulary.Of(model.Compilation) is not { } vocabulary)
        {
            return;
        }

        ISymbol[] undisposed = Undisposed(symbol, vocabulary, context.CancellationToken);
        context.RegisterCodeFix(
            CodeAction.Create(
                undisposed.Length == 0 ? "Implement IDisposable" : $"Dispose {string.Join(", ", undisposed.Select(held => $"'{held.Name}'"))}",
                _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(type, Mended(type, symbol, vocabulary, Disposing(undisposed))))),
                equivalenceKey: nameof(GenerateDisposeFix)),
            diagnostic);
    }

    private static ISymbol[] Undisposed(INamedTypeSymbol type, OwnershipVocabulary vocabulary, CancellationToken cancellation) =>
        [.. UndisposedMemberAnalyzer.ToBeDisposed(type, vocabulary).Where(held => !UndisposedMemberAnalyzer.IsDisposedBy(type, held.Name, cancellation))];

    /// <summary>The statement that disposes members, in order; nothing for none.</summary>
    private static string Disposing(ISymbol[] members)
    {
        if (members.Length is >= 2 and <= MostAtOnce && Array.TrueForAll(members, member => member is IFieldSymbol && HasDispose(member)))
        {
            return $"global::MemoryPages.Box.DisposeAll({string.Join(", ", members.Select(member => "ref " + member.Name))});";
        }

        return members.Length switch
        {
            0 => "",
            1 => DisposingOne(members[0]),
            _ => $"try {{ {DisposingOne(members[0])} }} finally {{ {Disposing([.. members.Skip(1)])} }}",
        };
    }

    /// <summary>A view's own Dispose is an explicit one, which only <c>using</c> calls.</summary>
    private static string DisposingOne(ISymbol member) => HasDispose(member) ? $"{member.Name}.Dispose();" : $"using ({member.Name}) {{ }}";

    private static bool HasDispose(ISymbol member) => ((member as IFieldSymbol)?.Type ?? (member as IPropertySymbol)?.Type)?
        .GetMembers("Dispose").Any(method => method.DeclaredAccessibility == Accessibility.Public) == true;

    private static TypeDeclarationSyntax Mended(TypeDeclarationSyntax type, INamedTypeSymbol symbol, OwnershipVocabulary vocabulary, string disposing)
    {
        TypeDeclarationSyntax mended = disposing.Length == 0 ? type : WithDispose(type, disposing);
        return symbol.IsRefLikeType || vocabulary.ImplementsDisposable(symbol)
            ? mended
            : (TypeDeclarationSyntax)mended.WithIdentifier(mended.Identifier.WithTrailingTrivia()).AddBaseListTypes(Disposable())
                .WithAdditionalAnnotations(Formatter.Annotation);
    }

    private static SimpleBaseTypeSyntax Disposable() =>
        SyntaxFactory.SimpleBaseType(SyntaxFactory.ParseTypeName("System.IDisposable").WithAdditionalAnnotations(Simplifier.Annotation));

    private static TypeDeclarationSyntax WithDispose(TypeDeclarationSyntax type, string disposing)
    {
        if (type.Members.OfType<MethodDeclarationSyntax>().FirstOrDefault(method =>
            method.Identifier.ValueText == "Dispose" && method.ParameterList.Parameters.Count == 0) is { } dispose)
        {
            string before = dispose.ExpressionBody is { Expression: var only } ? $"{only};" : dispose.Body?.Statements.ToFullString() ?? "";
            string all = string.IsNullOrWhiteSpace(before) ? disposing : $"try {{ {before} }} finally {{ {disposing} }}";
            return type.ReplaceNode(dispose, dispose.WithExpressionBody(null).WithSemicolonToken(default).WithBody(SyntaxFactory.Block(Parsed(all)))
                .WithAdditionalAnnotations(Formatter.Annotation));
        }

        MemberDeclarationSyntax made = SyntaxFactory.ParseMemberDeclaration($"public void Dispose() {{ {disposing} }}")!;
        return type.AddMembers(made.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation));
    }

    private static StatementSyntax Parsed(string statement) =>
        SyntaxFactory.ParseStatement(statement).WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);

    /// <summary>All structs of a document in one change: what each by itself would change lies too close together to be merged.</summary>
    private sealed class AllOfDocument : DocumentBasedFixAllProvider
    {
        protected override async Task<Document?> FixAllAsync(FixAllContext fixAllContext, Document document, ImmutableArray<Diagnostic> diagnostics)
        {
            CancellationToken cancellation = fixAllContext.CancellationToken;
            SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
            SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
            if (root is null || model is null || OwnershipVocabulary.Of(model.Compilation) is not { } vocabulary)
            {
                return document;
            }

            IEnumerable<TypeDeclarationSyntax> types = diagnostics
                .Select(diagnostic => root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<TypeDeclarationSyntax>()!).Distinct();
            return document.WithSyntaxRoot(root.ReplaceNodes(types, (original, current) =>
                model.GetDeclaredSymbol(original, cancellation) is INamedTypeSymbol type
                    ? Mended(current, type, vocabulary, Disposing(Undisposed(type, vocabulary, cancellation))) : current));
        }
    }
}
