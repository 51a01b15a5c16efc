using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Rules;

/// <summary>What MP1003 and MP1007 say of an owner or lease that something ends, but not on every way.</summary>
internal static class Lost
{
    private static readonly ImmutableDictionary<string, string?> s_notByUsing = ImmutableDictionary<string, string?>.Empty.Add(Rule.NotByUsing, "");

    /// <summary>Never, on no way.</summary>
    public static Diagnostic Never(DiagnosticDescriptor rule, SyntaxNode made, string name) =>
        Diagnostic.Create(rule, made.GetLocation(), name, rule == Rule.LostOwner ? "never disposed and never handed on" : "");

    /// <summary>What ends the variable comes too late for what is made here: it holds something else by then, or is on another way.</summary>
    public static Diagnostic Here(DiagnosticDescriptor rule, SyntaxNode made, string name) => Diagnostic.Create(
        rule, made.GetLocation(), s_notByUsing, name,
        rule == Rule.LostOwner ? "not disposed or handed on on any way from here" : ", and none does on any way from here");

    /// <summary>A return in front of what ends it.</summary>
    public static Diagnostic Left(DiagnosticDescriptor rule, SyntaxNode made, string name, SyntaxNode returning) => Diagnostic.Create(
        rule, made.GetLocation(), [returning.GetLocation()], s_notByUsing, name, rule == Rule.LostOwner
            ? $"neither disposed nor handed on where line {returning.Line()} returns" : $", and line {returning.Line()} returns before one does");

    /// <summary>The first return that is reached before anything ends what the variable was declared with.</summary>
    /// <param name="local">The variable.</param>
    /// <param name="made">What it was declared with.</param>
    /// <param name="ends">Whether a use ends the variable, or hands it on.</param>
    /// <remarks>
    /// Conditions that ask the variable itself know better, and so does a finally. Exceptions are not followed: most would be reported.
    /// </remarks>
    public static IReturnOperation? ReturnBeforeEnd(ILocalSymbol local, IOperation made, Func<ILocalReferenceOperation, bool> ends)
    {
        if (local.IsUsing || made.Declared() is not { } declaration)
        {
            return null;
        }

        IOperation body = made.Body();
        ILocalReferenceOperation[] uses = [.. References(made.Root(), local)];
        ILocalReferenceOperation[] endings = [.. uses.Where(ends)];
        if (endings.Length == 0 || endings.Any(ending => ending.Body() != body) || body.Descendants().Any(operation => operation is ILabeledOperation))
        {
            return null;
        }

        int firstEnd = endings.Min(ending => ending.Syntax.SpanStart);
        return declaration.Descendants().OfType<IReturnOperation>().FirstOrDefault(leaving => leaving is { Kind: OperationKind.Return, IsImplicit: false }
            && leaving.Syntax.SpanStart > made.Syntax.Span.End && leaving.Syntax.Span.End <= firstEnd && leaving.Body() == body
            && IsReached(leaving, declaration, uses, endings));
    }

    public static IEnumerable<ILocalReferenceOperation> References(IOperation root, ILocalSymbol local) =>
        root.Descendants().OfType<ILocalReferenceOperation>().Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local));

    /// <summary>The block that the variable is declared in, if this is what it is declared with.</summary>
    private static IBlockOperation? Declared(this IOperation made)
    {
        IOperation? initializer = made.Parent is IConversionOperation converted ? converted.Parent : made.Parent;
        return initializer is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }
            ? declarator.Parent?.Parent?.Parent as IBlockOperation : null;
    }

    private static bool IsReached(IOperation leaving, IOperation declaration, ILocalReferenceOperation[] uses, ILocalReferenceOperation[] endings)
    {
        IOperation child = leaving;
        for (IOperation? around = leaving.Parent; around is not null && around != declaration; child = around, around = around.Parent)
        {
            IOperation? asked = around switch
            {
                IConditionalOperation conditional => conditional.Condition,
                ISwitchOperation chosen => chosen.Value,
                ISwitchCaseOperation label when label.Clauses.Any(clause => IsIn(clause, uses)) => around,
                IWhileLoopOperation loop => loop.Condition,
                IForLoopOperation loop => loop.Condition,
                _ => null,
            };
            if ((asked is not null && IsIn(asked, uses)) || (around is ITryOperation { Finally: { } last } && last != child && IsIn(last, endings)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsIn(IOperation operation, ILocalReferenceOperation[] references) =>
        references.Any(reference => operation.Syntax.Span.Contains(reference.Syntax.Span));
}
