using System.Collections.Immutable;
using MemoryPages.Analyzers.Rules;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    private sealed partial class Step
    {
        /// <summary>The value goes where its end is not seen.</summary>
        public void HandOn(int value)
        {
            if (value >= 0)
            {
                Makings.Ended(State[value].Origin);
            }
        }

        /// <summary>What this member's own variable gets is this member's to end; what another gets is somebody else's.</summary>
        private void NoteMaking(ISimpleAssignmentOperation assignment, ISymbol target, int value)
        {
            if (value < 0 || target is not ILocalSymbol { IsRef: false } local)
            {
                HandOn(value);
            }
            else if (!local.IsUsing && State[value].Origin is { } origin && origin == assignment.Value.Bare()
                && (origin.IsFreshOwner(Vocabulary) || (State[value].IsLease && UnscopedLeaseAnalyzer.IsScopedLease(origin.Type, Vocabulary)
                    && origin is IInvocationOperation { TargetMethod.RefKind: RefKind.None } or IObjectCreationOperation { Arguments.IsEmpty: false })))
            {
                Makings.Made(origin, local);
            }
        }

        /// <summary>What a parameter does not only borrow may be kept, or ended.</summary>
        private void HandOnArguments(ImmutableArray<IArgumentOperation> arguments, ImmutableArray<int> values, int receiver)
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                if (values[i] != receiver && !Vocabulary.Borrows(arguments[i].Parameter))
                {
                    HandOn(values[i]);
                }
            }
        }

        /// <summary>The operation asks something of its operands and keeps none.</summary>
        private static bool IsLook(IOperation operation) => operation is IExpressionStatementOperation or IFieldReferenceOperation or IIsNullOperation
            or IIsTypeOperation or INameOfOperation or IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals };
    }
}
