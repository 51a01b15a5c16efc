using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace MemoryPages.Analyzers.CodeFixes;

/// <summary>MP1009: a Dispose that disposes the member, or a line more in the one that is there.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
public sealed class GenerateDisposeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["MP1009"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        Diagnostic diagnostic = context.Diagnostics.First();
        SyntaxNode? member = root?.FindNode(diagnostic.Location.SourceSpan);
        if (member?.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } type)
        {
            return;
        }

        string name = root!.FindToken(diagnostic.Location.SourceSpan.Start).ValueText;
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        ITypeSymbol? held = (model?.GetDeclaredSymbol(type) as INamedTypeSymbol)?.GetMembers(name).Select(symbol =>
            (symbol as IFieldSymbol)?.Type ?? (symbol as IPropertySymbol)?.Type).FirstOrDefault();
        bool hasDispose = held?.GetMembers("Dispose").Any(method => method.DeclaredAccessibility == Accessibility.Public) == true;

        // A view's own Dispose is an explicit one, which only 'using' calls.
        string statement = hasDispose ? $"{name}.Dispose();" : $"using ({name}) {{ }}";
        context.RegisterCodeFix(
            CodeAction.Create(
                $"Dispose '{name}'",
                _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(type, WithDispose(type, statement)))),
                equivalenceKey: nameof(GenerateDisposeFix)),
            diagnostic);
    }

    private static TypeDeclarationSyntax WithDispose(TypeDeclarationSyntax type, string disposing)
    {
        StatementSyntax statement = SyntaxFactory.ParseStatement(disposing).WithAdditionalAnnotations(Formatter.Annotation);
        if (type.Members.OfType<MethodDeclarationSyntax>().FirstOrDefault(method =>
            method.Identifier.ValueText == "Dispose") is { Body: { } body } dispose)
        {
            return type.ReplaceNode(dispose, dispose.WithBody(body.AddStatements(statement)).WithAdditionalAnnotations(Formatter.Annotation));
        }

        MemberDeclarationSyntax made = SyntaxFactory.ParseMemberDeclaration($"public void Dispose() {{ {disposing} }}")!;
        TypeDeclarationSyntax with = type.AddMembers(made.WithAdditionalAnnotations(Formatter.Annotation));
        return with.BaseList is { } list && list.Types.Any(name => name.ToString().EndsWith("IDisposable", System.StringComparison.Ordinal))
            ? with
            : (TypeDeclarationSyntax)with.WithIdentifier(with.Identifier.WithTrailingTrivia()).AddBaseListTypes(
                SyntaxFactory.SimpleBaseType(SyntaxFactory.ParseTypeName("System.IDisposable"))).WithAdditionalAnnotations(Formatter.Annotation);
    }
}
