using System;
using System.Collections.Generic;
using System.Linq;
using MemoryPages.Analyzers.Rules;
using MemoryPages.Analyzers.Vocabulary;
using Microsoft.CodeAnalysis;

namespace MemoryPages.Analyzers.Flow;

/// <summary>
/// What a member makes and keeps in its own variables, and what becomes of each on any way. Each making has its own fate: a variable that is set
/// twice and disposed once has lost what it held first.
/// </summary>
internal sealed class Makings
{
    private readonly Dictionary<SyntaxNode, ILocalSymbol> _made = [];
    private readonly HashSet<SyntaxNode> _ended = [];

    /// <summary>Ways were joined, and objects with them: what ended is not known of each any more.</summary>
    public bool IsLostSight { get; set; }

    public void Made(IOperation making, ILocalSymbol variable) => _made[making.Syntax] = variable;

    /// <summary>On one way it ends, or goes where its end is not seen.</summary>
    public void Ended(IOperation? making)
    {
        if (making is not null)
        {
            _ended.Add(making.Syntax);
        }
    }

    /// <summary>
    /// Those that end on no way, although something ends their variable: where nothing does, no ways need to be followed to see it.
    /// </summary>
    public void Report(Action<Diagnostic> report, IOperation root, OwnershipVocabulary vocabulary)
    {
        if (IsLostSight)
        {
            return;
        }

        foreach (KeyValuePair<SyntaxNode, ILocalSymbol> making in _made.Where(making => !_ended.Contains(making.Key)).OrderBy(making => making.Key.SpanStart))
        {
            ILocalSymbol variable = making.Value;
            bool isLease = UnscopedLeaseAnalyzer.IsScopedLease(variable.Type, vocabulary);
            if (isLease ? UnscopedLeaseAnalyzer.IsEnded(variable, root) : !LostOwnerAnalyzer.IsLost(variable, root, vocabulary))
            {
                report(Lost.Here(isLease ? Rule.UnscopedLease : Rule.LostOwner, making.Key, variable.Name));
            }
        }
    }
}
