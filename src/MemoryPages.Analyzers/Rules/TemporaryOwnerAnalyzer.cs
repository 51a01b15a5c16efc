using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1006.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TemporaryOwnerAnalyzer() : OwnershipAnalyzer(Rule.TemporaryOwner)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary) =>
        context.RegisterOperationAction(operation => Analyze(operation, vocabulary), OperationKind.Invocation, OperationKind.PropertyReference);

    private static void Analyze(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        if (IsTakenFromTemporary(context.Operation, vocabulary))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule.TemporaryOwner, context.Operation.Syntax.GetLocation(), context.Operation.Named()));
        }
    }

    /// <summary>A view, span, reference or pointer of an object that this expression makes and does not keep.</summary>
    internal static bool IsTakenFromTemporary(IOperation taken, OwnershipVocabulary vocabulary)
    {
        RefKind refKind = taken switch
        {
            IInvocationOperation call => call.TargetMethod.RefKind,
            IPropertyReferenceOperation property => property.Property.RefKind,
            _ => RefKind.None,
        };
        bool isBorrowed = refKind != RefKind.None || taken.Type is { IsRefLikeType: true } or { TypeKind: TypeKind.Pointer };
        return isBorrowed && taken.Receiver() is { } owner && owner.IsFreshOwner(vocabulary);
    }
}
