using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>MP1008.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DangerousUseAnalyzer() : OwnershipAnalyzer(Rule.DangerousUse)
{
    private protected override void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary) =>
        context.RegisterOperationAction(
        operation => Analyze(operation, vocabulary), OperationKind.Invocation, OperationKind.PropertyReference, OperationKind.MethodReference);

    private static void Analyze(OperationAnalysisContext context, OwnershipVocabulary vocabulary)
    {
        ISymbol? member = context.Operation switch
        {
            IInvocationOperation call => call.TargetMethod,
            IPropertyReferenceOperation property => property.Property,
            IMethodReferenceOperation reference => reference.Method,
            _ => null,
        };
        if (member is null || !vocabulary.IsDangerous(member))
        {
            return;
        }

        string? problem = !IsInUnsafeContext(context.Operation.Syntax)
            ? "rests on what its caller vouches for: use it in an 'unsafe' context"
            : KeptIn(context.Operation) is { } field ? $"is kept in '{field}', which may outlive what it belongs to: take it where it is used" : null;
        if (problem is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule.DangerousUse, context.Operation.Syntax.GetLocation(), member.Name, problem));
        }
    }

    private static bool IsInUnsafeContext(SyntaxNode syntax) => syntax.AncestorsAndSelf().Any(around => around switch
    {
        UnsafeStatementSyntax => true,
        MemberDeclarationSyntax member => member.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        LocalFunctionStatementSyntax function => function.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        _ => false,
    });

    /// <summary>The name of the field or property that the address itself goes into, also after casts and steps.</summary>
    private static string? KeptIn(IOperation taken)
    {
        if (taken.Type is not ({ TypeKind: TypeKind.Pointer or TypeKind.FunctionPointer } or { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr })
            && taken is not (IInvocationOperation { TargetMethod.RefKind: not RefKind.None } or IPropertyReferenceOperation { Property.RefKind: not RefKind.None }))
        {
            return null;
        }

        IOperation kept = taken;
        IOperation? user = taken.Destination(out IOperation child);
        while (user is IBinaryOperation { Type.TypeKind: TypeKind.Pointer })
        {
            kept = user;
            user = kept.Destination(out child);
        }

        return user switch
        {
            ISimpleAssignmentOperation assignment when assignment.Value == child
                && (assignment.IsRef || taken.Type?.TypeKind != null) => NameOf(assignment.Target),
            IFieldInitializerOperation { InitializedFields: { IsEmpty: false } fields } => fields[0].Name,
            IPropertyInitializerOperation { InitializedProperties: { IsEmpty: false } properties } => properties[0].Name,
            _ => null,
        };

        static string? NameOf(IOperation target) => target switch
        {
            IFieldReferenceOperation field => field.Field.Name,
            IPropertyReferenceOperation property => property.Property.Name,
            _ => null,
        };
    }
}
