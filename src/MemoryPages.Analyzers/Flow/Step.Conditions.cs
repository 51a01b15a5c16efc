using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    private sealed partial class Step
    {
        /// <summary>The states in which a condition is true and false; null for one that cannot be.</summary>
        public (FlowState? WhenTrue, FlowState? WhenFalse) Decide(IOperation condition)
        {
            if (condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } negated)
            {
                (FlowState? whenTrue, FlowState? whenFalse) = Decide(negated.Operand);
                return (whenFalse, whenTrue);
            }

            (IOperation Asked, bool IsNull)? nullTest = NullTest(condition);
            int value = Evaluate(nullTest?.Asked ?? condition);
            if (IsDead)
            {
                return (null, null);
            }

            if (condition is IIsPatternOperation test)
            {
                Declare(test.Pattern, value);
            }

            if (nullTest is { } about && value >= 0)
            {
                (FlowState? isNull, FlowState? isNot) = AsNull(value);
                return about.IsNull ? (isNull, isNot) : (isNot, isNull);
            }

            if (condition.ConstantValue is { HasValue: true, Value: bool constant })
            {
                return constant ? (State, null) : (null, State);
            }

            FlowState other = State.Clone();
            if (condition is IPropertyReferenceOperation property && Vocabulary.TellsWhetherSpent(property.Property)
                && property.Instance?.Variable() is { } asked && State[State.Held(Places.Of(asked))].Condition == Condition.Spent)
            {
                return (null, State);
            }

            if (condition is IInvocationOperation call)
            {
                ConsumeWhenTrue(call);
            }

            return (State, other);
        }

        /// <summary>What is asked whether it is null, if that is the question, and whether it is when the answer is yes.</summary>
        private static (IOperation Asked, bool IsNull)? NullTest(IOperation condition) => condition switch
        {
            IIsNullOperation isNull => (isNull.Operand, true),
            IIsPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } test =>
                (test.Value, true),
            IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } } test
                => (test.Value, false),
            IIsPatternOperation { Pattern: IRecursivePatternOperation { DeconstructionSubpatterns.IsEmpty: true, PropertySubpatterns.IsEmpty: true } pattern } test
                when SymbolEqualityComparer.Default.Equals(pattern.MatchedType, pattern.InputType) => (test.Value, false),
            IIsPatternOperation { Pattern: IDeclarationPatternOperation { MatchesNull: false } pattern } test
                when SymbolEqualityComparer.Default.Equals(pattern.MatchedType, pattern.InputType) => (test.Value, false),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals, RightOperand: { } right } comparison
                when right.Bare().ConstantValue is { HasValue: true, Value: null } =>
                    (comparison.LeftOperand, comparison.OperatorKind == BinaryOperatorKind.Equals),
            _ => null,
        };

        private (FlowState? IsNull, FlowState? IsNot) AsNull(int value)
        {
            switch (State[value].Condition)
            {
                case Condition.Null:
                    return (State, null);
                case Condition.Usable or Condition.Spent:
                    return (null, State);
                default:
                    FlowState isNull = State.Clone();
                    isNull[value] = isNull[value].With(Condition.Null);
                    State[value] = State[value].With(Condition.Usable);
                    return (isNull, State);
            }
        }
    }
}
