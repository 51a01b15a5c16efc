using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// Remembers for each place in the source what is wrong there, and whether it is wrong on every way that leads there: only then it is reported.
/// </summary>
internal sealed class Findings
{
    private readonly Dictionary<(SyntaxNode, DiagnosticDescriptor), Diagnostic?> _found = [];

    /// <summary>On one way it is right.</summary>
    public void Right(DiagnosticDescriptor rule, SyntaxNode at) => _found[(at, rule)] = null;

    /// <summary>On one way it is wrong.</summary>
    public void Wrong(DiagnosticDescriptor rule, SyntaxNode at, SyntaxNode? because, params object[] words)
    {
        if (!_found.ContainsKey((at, rule)))
        {
            Location[] cause = because is null ? [] : [because.GetLocation()];
            _found.Add((at, rule), Diagnostic.Create(rule, at.GetLocation(), cause, words));
        }
    }

    public void Report(Action<Diagnostic> report)
    {
        foreach (Diagnostic? diagnostic in _found.Values.OrderBy(diagnostic => diagnostic?.Location.SourceSpan.Start))
        {
            if (diagnostic is not null)
            {
                report(diagnostic);
            }
        }
    }
}
