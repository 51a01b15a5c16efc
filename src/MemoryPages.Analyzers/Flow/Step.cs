using System.Collections.Generic;
using System.Linq;
using MemoryPages.Analyzers.Rules;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    /// <summary>One block, with one state: what its operations do to it, in the order of their evaluation.</summary>
    private sealed partial class Step(FlowAnalysis analysis, Visit run, BasicBlock block, FlowState state)
    {
        private OwnershipVocabulary Vocabulary => analysis.Vocabulary;

        private Places Places => analysis.AllPlaces;

        private Findings Findings => analysis.AllFindings;

        private Makings Makings => analysis.AllMakings;

        public FlowState State { get; private set; } = state.Clone();

        /// <summary>Nothing comes after: an exception was certain.</summary>
        public bool IsDead { get; private set; }

        /// <summary>The states after the block's statements: several where a call of a local function ended in several ways.</summary>
        public List<FlowState> Statements()
        {
            List<FlowState> states = [State];
            foreach (IOperation statement in block.Operations)
            {
                var after = new List<FlowState>();
                foreach (FlowState before in states)
                {
                    State = before;
                    IsDead = false;
                    if (statement is IExpressionStatementOperation { Operation: IInvocationOperation call } && BodyOf(call) is { } body)
                    {
                        after.AddRange(Call(call, body));
                        continue;
                    }

                    Evaluate(statement);
                    if (!IsDead)
                    {
                        after.Add(State);
                    }
                }

                states = after.Count > 1 ? [.. after.Select(reached => reached.Normalize()).Distinct().Select(reached => reached.Clone())] : after;
            }

            return states;
        }

        /// <returns>The number of the value, if the operation yields one that is followed.</returns>
        public int Evaluate(IOperation? operation)
        {
            if (operation is null || IsDead)
            {
                return Value.Nothing;
            }

            switch (operation)
            {
                case IFlowCaptureOperation capture:
                    return Captured(capture);
                case IFlowCaptureReferenceOperation reference:
                    return Read(Places.Of(run.Frame.Graph, reference.Id), reference);
                case ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation }:
                    return Read(Places.Of(operation.Variable()), operation);
                case ISimpleAssignmentOperation assignment:
                    return Assigned(assignment);
                case IDeconstructionAssignmentOperation deconstruction:
                    HandOn(Evaluate(deconstruction.Value));
                    Forget(deconstruction.Target);
                    return Value.Nothing;
                case IConversionOperation conversion:
                    int converted = Evaluate(conversion.Operand);
                    if (conversion.OperatorMethod is null || conversion.Type?.IsRefLikeType == true)
                    {
                        return converted;
                    }

                    HandOn(converted);
                    return Value.Nothing;
                case IInvocationOperation invocation:
                    return Invoked(invocation);
                case IPropertyReferenceOperation property:
                    return Accessed(property);
                case IObjectCreationOperation creation:
                    return Created(creation);
                case IIsPatternOperation test:
                    int tested = Evaluate(test.Value);
                    Declare(test.Pattern, tested);
                    return Value.Nothing;
                case IDelegateCreationOperation { Target: IFlowAnonymousFunctionOperation lambda }:
                    CreateClosure(lambda);
                    return Value.Nothing;
                case IFlowAnonymousFunctionOperation lambda:
                    CreateClosure(lambda);
                    return Value.Nothing;
                case IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction } reference:
                    RunClosure(reference.Syntax, run.Frame.Graph.GetLocalFunctionControlFlowGraphInScope(reference.Method, analysis.Cancellation), reference.Method);
                    return Value.Nothing;
                case IAwaitOperation wait:
                    int awaited = Evaluate(wait.Operation);
                    MayThrow();
                    ForgetShared();
                    return awaited;
                default:
                    foreach (IOperation child in operation.ChildOperations)
                    {
                        int used = Evaluate(child);
                        if (!IsLook(operation))
                        {
                            HandOn(used);
                        }
                    }

                    MayThrow();
                    return Value.Nothing;
            }
        }

        private int Read(int place, IOperation reference)
        {
            int held = State.Held(place);
            if (held < 0 && place >= 0)
            {
                held = State.Add(new Value(Condition.Unknown, reference));
                State.Hold(place, held);
            }

            return held;
        }

        private int Captured(IFlowCaptureOperation capture)
        {
            if (capture.Value.Variable() is { } variable)
            {
                run.Frame.CapturedVariables[capture.Id] = variable;
            }

            int value = Evaluate(capture.Value);
            State.Hold(Places.Of(run.Frame.Graph, capture.Id), value);
            return value;
        }

        private int Assigned(ISimpleAssignmentOperation assignment)
        {
            ISymbol? target = assignment.Target is IFlowCaptureReferenceOperation reference
                ? run.Frame.CapturedVariables.TryGetValue(reference.Id, out ISymbol? captured) ? captured : null
                : assignment.Target.Variable();
            int place = Places.Of(target);
            if (place < 0)
            {
                EvaluateTarget(assignment.Target);
                int stored = Evaluate(assignment.Value);
                HandOn(stored);
                return stored;
            }

            int value = Evaluate(assignment.Value);
            if (!IsDead && (assignment.IsRef || target is not ILocalSymbol { IsRef: true }))
            {
                NoteOverwriting(assignment, place, value);
                bool isNull = assignment.Value.Bare() is IDefaultValueOperation or ILiteralOperation { ConstantValue: { HasValue: true, Value: null } };
                NoteMaking(assignment, target!, value);
                State.Hold(place, isNull ? State.Add(new Value(Condition.Null, assignment.Value)) : value);
            }

            return value;
        }

        /// <summary>A lease must not be lost by putting something else in its place.</summary>
        private void NoteOverwriting(ISimpleAssignmentOperation assignment, int place, int value)
        {
            if (assignment.IsRef || !Vocabulary.IsLease(assignment.Target.Type)
                || assignment.Syntax is not Microsoft.CodeAnalysis.CSharp.Syntax.AssignmentExpressionSyntax)
            {
                return;
            }

            int old = State.Held(place);
            if (old != value && State[old] is { IsLease: true, Condition: Condition.Usable } lease && old >= 0)
            {
                Findings.Wrong(Rule.Copy, assignment.Syntax, lease.Origin?.Syntax, assignment.Target.Named(),
                    Vocabulary.IsMoveOnlyOwner(assignment.Target.Type)
                        ? "is overwritten while it owns what nobody has disposed: dispose it first, or move it"
                        : "is overwritten while it holds a lease that nobody has ended");
                HandOn(old); // said once
            }
            else
            {
                Findings.Right(Rule.Copy, assignment.Syntax);
            }
        }

        private void EvaluateTarget(IOperation target)
        {
            if (target is IPropertyReferenceOperation property)
            {
                Accessed(property);
                return;
            }

            foreach (IOperation child in target.ChildOperations)
            {
                Evaluate(child);
            }
        }

        /// <summary>A variable, or several in a tuple, now holds what is not known.</summary>
        private void Forget(IOperation target)
        {
            if (target.Bare() is ITupleOperation tuple)
            {
                foreach (IOperation element in tuple.Elements)
                {
                    Forget(element);
                }
            }
            else if (Places.Of(target.Variable()) is >= 0 and var place)
            {
                State.Hold(place, Value.Nothing);
            }
        }

        /// <summary>Other code ran, which may have set fields.</summary>
        private void ForgetShared()
        {
            for (int place = 0; place < State.Places; place++)
            {
                if (Places.IsShared(place))
                {
                    State.Hold(place, Value.Nothing);
                }
            }
        }

        /// <summary>The variables of a pattern: the whole value's is another name for it.</summary>
        private void Declare(IPatternOperation pattern, int value)
        {
            ISymbol? whole = pattern switch
            {
                IDeclarationPatternOperation declaration => declaration.DeclaredSymbol,
                IRecursivePatternOperation recursive => recursive.DeclaredSymbol,
                _ => null,
            };
            foreach (IOperation inner in pattern.DescendantsAndSelf())
            {
                ISymbol? declared = inner switch
                {
                    IDeclarationPatternOperation declaration => declaration.DeclaredSymbol,
                    IRecursivePatternOperation recursive => recursive.DeclaredSymbol,
                    _ => null,
                };
                if (declared is not null && Places.Of(declared) < 0)
                {
                    HandOn(value);
                }
                else if (Places.Of(declared) is >= 0 and var place)
                {
                    State.Hold(place, SymbolEqualityComparer.Default.Equals(declared, whole) ? value : Value.Nothing);
                }
            }
        }

        /// <summary>An exception here leaves the state as it is now.</summary>
        private void MayThrow()
        {
            if (run.Frame.Depth > 0 || IsWithinTry(block.EnclosingRegion))
            {
                analysis.Throw(run, block.EnclosingRegion, State);
            }
        }

        private static bool IsWithinTry(ControlFlowRegion? region)
        {
            while (region is { Kind: not (ControlFlowRegionKind.Try or ControlFlowRegionKind.Root) })
            {
                region = region.EnclosingRegion;
            }

            return region is { Kind: ControlFlowRegionKind.Try };
        }
    }
}
