using System;
using System.Collections.Immutable;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemoryPages.Analyzers.Rules;

/// <summary>What the rules share: they keep no state, run beside each other, and cost nothing where the attributes are not referenced.</summary>
public abstract class OwnershipAnalyzer : DiagnosticAnalyzer
{
    private protected OwnershipAnalyzer(params DiagnosticDescriptor[] rules) => SupportedDiagnostics = [.. rules];

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        if (context is null)
        {
            throw new ArgumentNullException(nameof(context));
        }

        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (OwnershipVocabulary.Of(start.Compilation) is { } vocabulary)
            {
                Register(start, vocabulary);
            }
        });
    }

    private protected abstract void Register(CompilationStartAnalysisContext context, OwnershipVocabulary vocabulary);
}
