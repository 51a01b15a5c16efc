using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Vocabulary;

/// <summary>What every rule asks of operations.</summary>
internal static class Operations
{
    /// <summary><c>TypeKind.Extension</c> of compilers that know C# 14.</summary>
    private const TypeKind ExtensionBlock = (TypeKind)14;

    /// <summary>The object that a member is called on: also the first argument of an extension method.</summary>
    public static IOperation? Receiver(this IOperation operation) => operation switch
    {
        IInvocationOperation { Instance: { } instance } => instance,
        IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments: { IsEmpty: false } arguments } => arguments[0].Value,
        IPropertyReferenceOperation property => property.Instance,
        IFieldReferenceOperation field => field.Instance,
        IEventReferenceOperation @event => @event.Instance,
        IMethodReferenceOperation method => method.Instance,
        _ => null,
    };

    /// <summary>The expression below casts and parentheses that leave the value what it is.</summary>
    public static IOperation Bare(this IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null, IsTryCast: false } conversion:
                    operation = conversion.Operand;
                    continue;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    continue;
                default:
                    return operation;
            }
        }
    }

    /// <summary>What the value goes into: the operation above casts, parentheses and the arms of conditional expressions.</summary>
    /// <param name="operation">Yields the value.</param>
    /// <param name="child">The direct child of the result that the value is in.</param>
    public static IOperation? Destination(this IOperation operation, out IOperation child)
    {
        child = operation;
        while (true)
        {
            IOperation? parent = child.Parent;
            bool passesOn = parent switch
            {
                IConversionOperation { OperatorMethod: null } or IParenthesizedOperation or IAwaitOperation or ISwitchExpressionArmOperation => true,
                ISwitchExpressionOperation chosen => chosen.Value != child,
                IConditionalOperation { Type: not null } conditional => conditional.Condition != child,
                ICoalesceOperation => true,
                _ => false,
            };
            if (!passesOn)
            {
                return parent;
            }

            child = parent!;
        }
    }

    /// <summary>The symbol of a variable, a parameter, or a field of this object.</summary>
    public static ISymbol? Variable(this IOperation operation) => operation.Bare() switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } field => field.Field,
        IDeclarationExpressionOperation declaration => declaration.Expression.Variable(),
        _ => null,
    };

    /// <summary>Names a place that a value can be copied out of, unlike the result of a call.</summary>
    public static bool IsPlace(this IOperation operation) => operation switch
    {
        ILocalReferenceOperation { IsDeclaration: false } or IParameterReferenceOperation or IFieldReferenceOperation or IArrayElementReferenceOperation
            or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } => true,
        IPropertyReferenceOperation property => property.Property.RefKind != RefKind.None,
        IInvocationOperation invocation => invocation.TargetMethod.RefKind != RefKind.None,
        _ => false,
    };

    /// <summary>Makes an object that is the caller's to dispose.</summary>
    public static bool IsFreshOwner(this IOperation operation, OwnershipVocabulary vocabulary) => operation.Bare() switch
    {
        IObjectCreationOperation creation => vocabulary.IsOwner(creation.Type),
        IInvocationOperation call => vocabulary.ReturnsOwned(call.TargetMethod),
        _ => false,
    };

    /// <summary>A member of the type, or an extension from where the type comes from: others may do without the object, or keep it.</summary>
    public static bool IsOf(this IMethodSymbol method, ITypeSymbol type) => !method.IsExtension()
        || SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, type.OriginalDefinition.ContainingAssembly);

    /// <summary>Also those in extension blocks, which the version that this is built against has no word for.</summary>
    private static bool IsExtension(this IMethodSymbol method) => method.IsExtensionMethod || method.ContainingType is { TypeKind: ExtensionBlock };

    /// <summary>A call of <c>Dispose()</c> or <c>DisposeAsync()</c>.</summary>
    public static bool IsDispose(this IInvocationOperation invocation) =>
        invocation.TargetMethod is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true, IsStatic: false };

    /// <summary>What streams call it.</summary>
    public static bool IsClose(this IInvocationOperation invocation) => invocation.TargetMethod is { Name: "Close", Parameters.IsEmpty: true, IsStatic: false };

    /// <summary>The body that an operation is in: of the member, or of the lambda or local function.</summary>
    public static IOperation Body(this IOperation operation)
    {
        while (operation.Parent is { } parent && operation is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
        {
            operation = parent;
        }

        return operation;
    }

    /// <summary>The whole member.</summary>
    public static IOperation Root(this IOperation operation)
    {
        while (operation.Parent is { } parent)
        {
            operation = parent;
        }

        return operation;
    }

    public static int Line(this SyntaxNode node) => node.GetLocation().GetMappedLineSpan().StartLinePosition.Line + 1;

    /// <summary>How a message names a value: by its source if that is short, or else by its type.</summary>
    public static string Named(this IOperation operation)
    {
        string text = operation.Syntax.ToString();
        return text.Length is > 0 and <= 40 && text.IndexOf('\n') < 0 ? text : operation.Type?.Name ?? "it";
    }

    public static IEnumerable<IOperation> WithDescendants(this IEnumerable<IOperation> blocks)
    {
        foreach (IOperation block in blocks)
        {
            foreach (IOperation operation in block.DescendantsAndSelf())
            {
                yield return operation;
            }
        }
    }
}
