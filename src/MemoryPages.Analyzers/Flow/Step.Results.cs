using System.Collections.Immutable;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemoryPages.Analyzers.Flow;

internal sealed partial class FlowAnalysis
{
    private sealed partial class Step
    {
        /// <summary>
        /// What is the caller's to end. It may still rely on another: a box on the allocator that it was made with, and what it was moved out of.
        /// </summary>
        private int Owned(IInvocationOperation invocation, int receiver, ImmutableArray<int> arguments)
        {
            bool isLease = Vocabulary.IsLease(invocation.Type);
            int source = Value.Nothing;
            if (isLease && receiver >= 0 && Vocabulary.OfReceiver(invocation.TargetMethod) != Consumption.Never)
            {
                source = State[receiver].From;
            }

            for (int i = 0; isLease && i < arguments.Length && source < 0; i++)
            {
                bool isReliedOn = Vocabulary.Borrows(invocation.Arguments[i].Parameter) && Vocabulary.IsOwner(invocation.Arguments[i].Value.Bare().Type);
                source = isReliedOn ? arguments[i] : source;
            }

            return State.Add(new Value(Condition.Usable, invocation, from: source, isLease: isLease));
        }

        /// <summary>A view, a span, a reference or a pointer that came from a value.</summary>
        private int Borrowed(IOperation operation, RefKind refKind, int source)
        {
            if (source >= 0 && State[source] is { IsLease: false, From: >= 0 and var whole })
            {
                source = whole; // a part of a span sees what the whole span sees; chains would grow in a loop
            }

            bool isLease = Vocabulary.IsLease(operation.Type);
            bool isBorrow = isLease || operation.Type is { IsRefLikeType: true } or { TypeKind: TypeKind.Pointer } || refKind != RefKind.None;
            return !isBorrow || (source < 0 && !isLease)
                ? Value.Nothing
                : State.Add(new Value(Condition.Usable, operation, from: source, isLease: isLease));
        }

        /// <summary>Slices and casts of spans see the same memory.</summary>
        private static bool IsOfSpan(IMethodSymbol method) =>
            method.ContainingType is { IsRefLikeType: true } or { Name: "MemoryExtensions", ContainingNamespace.Name: "System" };
    }
}
