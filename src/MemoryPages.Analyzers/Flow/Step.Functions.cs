using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    private readonly Dictionary<ISymbol, ControlFlowGraph> _lambdas = new(SymbolEqualityComparer.Default);

    private sealed partial class Step
    {
        /// <summary>The body that a call certainly runs: of a local function, or of the lambda that a variable holds and nothing else sees.</summary>
        private ControlFlowGraph? BodyOf(IInvocationOperation call)
        {
            if (call.TargetMethod.MethodKind == MethodKind.LocalFunction && !call.TargetMethod.IsAsync)
            {
                ControlFlowGraph function = run.Frame.Graph.GetLocalFunctionControlFlowGraphInScope(call.TargetMethod.OriginalDefinition, analysis.Cancellation);
                bool isIterator = function.OriginalOperation.Descendants().Any(operation =>
                    operation.Kind is OperationKind.YieldReturn or OperationKind.YieldBreak);
                if (isIterator)
                {
                    return null;
                }

                analysis._called.Add(call.TargetMethod.OriginalDefinition);
                return function;
            }

            return call is { TargetMethod.MethodKind: MethodKind.DelegateInvoke, Instance: ILocalReferenceOperation delegated }
                && analysis._lambdas.TryGetValue(delegated.Local, out ControlFlowGraph? body) ? body : null;
        }

        /// <summary>The states in which a call returns.</summary>
        private HashSet<FlowState> Call(IInvocationOperation call, ControlFlowGraph body)
        {
            ImmutableArray<int> values = EvaluateArguments(call.Arguments);
            if (IsDead)
            {
                return [];
            }

            ForgetShared();
            if (run.Frame.Depth >= DeepestCall)
            {
                Makings.IsLostSight = true;
                ForgetAll();
                return [State];
            }

            for (int i = 0; i < call.Arguments.Length; i++)
            {
                // The parameters of a lambda are those of its own symbol: left unknown.
                if (call.TargetMethod.MethodKind == MethodKind.LocalFunction && call.Arguments[i].Parameter is { RefKind: RefKind.None } parameter
                    && analysis.AllPlaces.Of(parameter.OriginalDefinition) is >= 0 and var place)
                {
                    State.Hold(place, values[i]);
                }
                else
                {
                    HandOn(values[i]);
                    if (call.Arguments[i].Parameter is { RefKind: RefKind.Ref or RefKind.Out })
                    {
                        Forget(call.Arguments[i].Value);
                    }
                }
            }

            Outcome outcome = analysis.Run(new Frame(body, run.Frame.Depth + 1), body.Blocks[0], State, within: null);
            foreach (FlowState thrown in outcome.Thrown)
            {
                analysis.Throw(run, block.EnclosingRegion, thrown);
            }

            return outcome.Ends;
        }

        private void CreateClosure(IFlowAnonymousFunctionOperation lambda)
        {
            ControlFlowGraph body = run.Frame.Graph.GetAnonymousFunctionControlFlowGraphInScope(lambda, analysis.Cancellation);
            if (analysis.AllWrites.Escapes(lambda.Syntax))
            {
                RunClosure(lambda.Syntax, body, lambda.Symbol);
            }
            else if (lambda.Parent?.Parent is ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var variable } })
            {
                analysis._lambdas[variable] = body;
            }
        }

        /// <summary>
        /// Follows a function that may run at any time from now on: of what it sees only that is certain which nothing changes any more.
        /// </summary>
        private void RunClosure(SyntaxNode syntax, ControlFlowGraph body, IMethodSymbol function)
        {
            analysis._called.Add(function.OriginalDefinition);
            foreach (IOperation used in body.OriginalOperation.Descendants())
            {
                if (used is ILocalReferenceOperation or IParameterReferenceOperation)
                {
                    HandOn(State.Held(Places.Of(used.Variable())));
                }
            }

            FlowState captured = State.Clone();
            for (int place = 0; place < captured.Places; place++)
            {
                int held = captured.Held(place);
                if (held < 0)
                {
                    continue;
                }

                if (!Places.StaysAsItIs(place) || captured[held].From >= 0 || captured[held].IsLease)
                {
                    captured.Hold(place, Value.Nothing);
                }
                else if (captured[held].Condition == Condition.Usable)
                {
                    captured[held] = captured[held].With(Condition.Unknown);
                }
            }

            captured = captured.Normalize();
            if (run.Frame.Depth < DeepestCall && analysis._closures.Add((syntax, captured)))
            {
                _ = analysis.Run(new Frame(body, run.Frame.Depth + 1), body.Blocks[0], captured, within: null);
            }
        }

        private void ForgetAll()
        {
            for (int place = 0; place < State.Places; place++)
            {
                State.Hold(place, Value.Nothing);
            }
        }
    }
}
