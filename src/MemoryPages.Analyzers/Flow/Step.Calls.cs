using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MemoryPages.Analyzers.Rules;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    private sealed partial class Step
    {
        private int Invoked(IInvocationOperation invocation)
        {
            if (BodyOf(invocation) is { } body)
            {
                FlowState[] ends = [.. Call(invocation, body)];
                IsDead = ends.Length == 0;
                Makings.IsLostSight |= ends.Length > 1;
                State = IsDead ? State : ends.Aggregate(FlowState.Join).Clone();
                return IsDead ? Value.Nothing
                    : Vocabulary.ReturnsOwned(invocation.TargetMethod) ? Owned(invocation, Value.Nothing, [])
                    : Borrowed(invocation, invocation.TargetMethod.RefKind, Value.Nothing);
            }

            IMethodSymbol method = invocation.TargetMethod;
            int instance = Evaluate(invocation.Instance);
            ImmutableArray<int> arguments = EvaluateArguments(invocation.Arguments);
            IOperation? receiverOperation = invocation.Receiver();
            int receiver = invocation.Instance is null && receiverOperation is not null && !arguments.IsEmpty ? arguments[0] : instance;
            if (IsDead)
            {
                return Value.Nothing;
            }

            if (invocation.IsDispose())
            {
                Dispose(invocation, receiver);
                return Value.Nothing;
            }

            bool isOwned = receiverOperation is not null && Vocabulary.IsOwnerOrMoveOnly(receiverOperation.Bare().Type)
                && method.IsOf(receiverOperation.Bare().Type!);
            if (isOwned && !Vocabulary.IsUsableWhenSpent(method))
            {
                Use(receiver, receiverOperation!);
            }

            if (!isOwned)
            {
                HandOn(receiver);
            }

            UseArguments(invocation.Arguments, arguments);
            if (IsDead)
            {
                return Value.Nothing;
            }

            MayThrow();
            if (isOwned && Vocabulary.OfReceiver(method) == Consumption.Always)
            {
                Consume(receiver, receiverOperation!, invocation);
            }
            else if (isOwned && Vocabulary.Invalidates(method))
            {
                IsDead = EndsUnderLease(receiver, receiverOperation!, invocation, $"is changed by '{method.Name}'");
            }

            HandOnArguments(invocation.Arguments, arguments, isOwned ? receiver : Value.Nothing);
            ConsumeArguments(invocation.Arguments, arguments);
            if (!isOwned)
            {
                ForgetShared();
            }

            return IsDead ? Value.Nothing
                : Vocabulary.ReturnsOwned(method) ? Owned(invocation, receiver, arguments)
                : Borrowed(invocation, method.RefKind, isOwned || IsOfSpan(method) ? receiver : Value.Nothing);
        }

        private int Accessed(IPropertyReferenceOperation property)
        {
            int receiver = Evaluate(property.Instance);
            ImmutableArray<int> arguments = EvaluateArguments(property.Arguments);
            if (IsDead)
            {
                return Value.Nothing;
            }

            bool isOwned = property.Instance is { } instance && Vocabulary.IsOwnerOrMoveOnly(instance.Bare().Type);
            if (isOwned && !Vocabulary.IsUsableWhenSpent(property.Property))
            {
                Use(receiver, property.Instance!);
            }

            MayThrow();
            HandOnArguments(property.Arguments, arguments, Value.Nothing);
            if (!isOwned)
            {
                ForgetShared();
            }

            return IsDead ? Value.Nothing : Borrowed(property, property.Property.RefKind, isOwned
                || property.Instance?.Type?.IsRefLikeType == true ? receiver : Value.Nothing);
        }

        private int Created(IObjectCreationOperation creation)
        {
            ImmutableArray<int> arguments = EvaluateArguments(creation.Arguments);
            UseArguments(creation.Arguments, arguments);
            if (IsDead)
            {
                return Value.Nothing;
            }

            MayThrow();
            HandOnArguments(creation.Arguments, arguments, Value.Nothing);
            ConsumeArguments(creation.Arguments, arguments);
            ForgetShared();
            int made = Vocabulary.IsOwnerOrMoveOnly(creation.Type)
                ? State.Add(new Value(Condition.Usable, creation, isLease: Vocabulary.IsLease(creation.Type)))
                : Value.Nothing;
            Evaluate(creation.Initializer);
            return made;
        }

        private ImmutableArray<int> EvaluateArguments(ImmutableArray<IArgumentOperation> arguments) =>
            [.. arguments.Select(argument => argument.Parameter?.RefKind == RefKind.Out ? Value.Nothing : Evaluate(argument.Value))];

        /// <summary>Arguments that the callee uses and does not keep must not be spent.</summary>
        private void UseArguments(ImmutableArray<IArgumentOperation> arguments, ImmutableArray<int> values)
        {
            for (int i = 0; i < arguments.Length && !IsDead; i++)
            {
                if (Vocabulary.Borrows(arguments[i].Parameter) || Vocabulary.OfArgument(arguments[i].Parameter) != Consumption.Never)
                {
                    Use(values[i], arguments[i].Value);
                }
            }
        }

        /// <summary>Arguments that are handed on are spent, and variables that were passed by reference hold what is not known.</summary>
        private void ConsumeArguments(ImmutableArray<IArgumentOperation> arguments, ImmutableArray<int> values)
        {
            for (int i = 0; i < arguments.Length && !IsDead; i++)
            {
                if (arguments[i] is { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: var passed })
                {
                    Forget(passed);
                    if (arguments[i].Parameter!.RefKind == RefKind.Out && Vocabulary.IsLease(passed.Type)
                        && Places.Of(passed.Variable()) is >= 0 and var place)
                    {
                        State.Hold(place, State.Add(new Value(Condition.Unknown, arguments[i], isLease: true)));
                    }
                }
                else if (Vocabulary.OfArgument(arguments[i].Parameter) == Consumption.Always)
                {
                    Consume(values[i], arguments[i].Value, arguments[i]);
                }
            }
        }

        private void ConsumeWhenTrue(IInvocationOperation call)
        {
            if (Vocabulary.OfReceiver(call.TargetMethod) == Consumption.WhenTrue && call.Receiver() is { } receiver
                && Places.Of(receiver.Variable()) is >= 0 and var place)
            {
                Consume(State.Held(place), receiver, call);
            }

            foreach (IArgumentOperation argument in call.Arguments)
            {
                if (Vocabulary.OfArgument(argument.Parameter) == Consumption.WhenTrue && Places.Of(argument.Value.Variable()) is >= 0 and var passed)
                {
                    Consume(State.Held(passed), argument.Value, argument);
                }
            }
        }

        private void Use(int value, IOperation at)
        {
            if (value < 0)
            {
                return;
            }

            switch (State[value].Condition)
            {
                case Condition.Spent:
                    Findings.Wrong(Rule.SpentUse, at.Syntax, State[value].End?.Syntax, at.Named(), Told(State[value]));
                    MayThrow();
                    IsDead = true;
                    break;
                case Condition.Null:
                    MayThrow();
                    IsDead = true;
                    break;
                default:
                    Findings.Right(Rule.SpentUse, at.Syntax);
                    if (State[value].Condition == Condition.Unknown)
                    {
                        State[value] = State[value].With(Condition.Usable);
                    }

                    break;
            }
        }

        private void Dispose(IInvocationOperation invocation, int value)
        {
            if (value < 0)
            {
                return;
            }

            HandOn(value);
            switch (State[value].Condition)
            {
                case Condition.Spent:
                    break;
                case Condition.Null when !Vocabulary.IsMoveOnly(invocation.Instance!.Bare().Type):
                    MayThrow();
                    IsDead = true;
                    break;
                default:
                    _ = EndsUnderLease(value, invocation.Instance!, invocation, "is disposed");
                    State[value] = State[value].With(Condition.Spent, invocation);
                    break;
            }
        }

        private void Consume(int value, IOperation consumed, IOperation by)
        {
            if (value < 0)
            {
                return;
            }

            HandOn(value);
            IsDead = EndsUnderLease(value, consumed, by, by is IInvocationOperation call
                ? $"is handed on by '{call.TargetMethod.Name}'" : "is handed on");
            State[value] = State[value].With(Condition.Spent, by);
        }

        /// <summary>What is taken from an owner must not be in use when the owner ends.</summary>
        /// <returns>Whether a lease is open, which the run time finds out and refuses.</returns>
        private bool EndsUnderLease(int owner, IOperation subject, IOperation at, string verb)
        {
            for (int place = 0; owner >= 0 && place < State.Places; place++)
            {
                int value = State.Held(place);
                if (value < 0 || !State.IsFrom(value, owner))
                {
                    continue;
                }

                ISymbol? variable = Places.Variable(place);
                bool isOpenLease = State[value] is { IsLease: true, Condition: not Condition.Spent };
                bool isRead = !State[value].IsLease && variable is not null && !IsPointer(variable)
                    && analysis.LivenessOf(run.Frame.Graph).IsReadAfter(variable, block, at, run.Next);
                if ((isOpenLease && !at.IsImplicit) || isRead)
                {
                    SyntaxNode? origin = State[value].Origin?.Syntax;
                    Findings.Wrong(Rule.EndUnderView, at.Syntax, origin, subject.Named(), verb, variable?.Name ?? origin?.ToString() ?? "view", origin?.Line() ?? 0);
                    return isOpenLease;
                }
            }

            // A using ends on the way of an exception too, which may have come before anything was taken.
            bool isOnWayOfException = run is { Within: not null, Next: null };
            if (!at.IsImplicit || !isOnWayOfException)
            {
                Findings.Right(Rule.EndUnderView, at.Syntax);
            }

            return false;
        }

        /// <summary>Pointers are the unsafe code's own business: comparing them is no use of the memory.</summary>
        private static bool IsPointer(ISymbol variable) =>
            variable is ILocalSymbol { Type.TypeKind: TypeKind.Pointer } or IParameterSymbol { Type.TypeKind: TypeKind.Pointer };

        private static string Told(Value value) => value.End switch
        {
            IInvocationOperation { IsImplicit: true } end => $"was disposed by the 'using' of line {end.Syntax.Line()}",
            IInvocationOperation end when end.IsDispose() => $"was disposed on line {end.Syntax.Line()}",
            IInvocationOperation end => $"was handed on by '{end.TargetMethod.Name}' on line {end.Syntax.Line()}: use the object that it returned",
            IArgumentOperation { Parent: IInvocationOperation call } => $"was handed to '{call.TargetMethod.Name}' on line {call.Syntax.Line()}",
            { } end => $"was handed on on line {end.Syntax.Line()}",
            null => "was disposed or handed on before",
        };
    }
}
