using System.Text;

namespace MemoryPages.Analyzers.Tests.Fuzz;

/// <summary>
/// A random method that allocates, uses, hands on and disposes pages along random ways. Each statement has a number and a line of its own.
/// </summary>
/// <remarks>Every condition is an independent decision, so that every way through the program can be gone.</remarks>
internal sealed class GeneratedProgram
{
    private const int Variables = 3;

    private readonly Random _random;
    private readonly bool _isPlain;
    private readonly StringBuilder _text = new();
    private int _names;
    private int _depth;
    private int _inFinally;
    private bool _inFunction;
    private bool _isInLoop;

    public GeneratedProgram(int seed, int firstStatement)
    {
        _random = new Random(seed);
        _isPlain = seed % 2 == 0;
        FirstStatement = Statements = firstStatement;
        Name = $"Program{seed}";
        Line($"public static void {Name}() {{");
        for (int i = 0; i < Variables; i++)
        {
            Line($"var p{i} = Oracle.Own(Pages.Allocate(1));");
        }

        Block(_random.Next(3, 8));
        Line("}");
    }

    public string Name { get; }

    public string Text => _text.ToString();

    public int FirstStatement { get; }

    /// <summary>One more than the last statement's number.</summary>
    public int Statements { get; private set; }

    /// <summary>
    /// To the analyzer there are more ways than to the oracle, and so less is certain: a loop may go round more than twice, any call may throw and
    /// so lead to a
    /// catch or finally with what is not spent yet, and an object may have been disposed by whoever else knows it, so that both answers to
    /// <c>IsUsable</c> are possible.
    /// </summary>
    public bool HasMoreWays { get; private set; }

    private string Any() => "p" + _random.Next(Variables);

    private void Line(string line) => _text.Append(line).Append('\n');

    private void Statement(string statement)
    {
        Line($"Oracle.Enter({Statements}); {statement} Oracle.Leave({Statements});");
        Statements++;
    }

    private void Block(int length)
    {
        _depth++;
        for (int i = 0; i < length; i++)
        {
            Next();
        }

        _depth--;
    }

    private void Next()
    {
        int choice = _random.Next(_depth < 4 ? 28 : 13);
        if (_isPlain && choice is (16 or 17 or 18 or 20))
        {
            choice = 13; // every other program has no more ways than the oracle goes
        }

        switch (choice)
        {
            case 0 or 1 or 2 or 3:
                Statement($"_ = {Any()}.Length;");
                break;
            case 4 or 5 or 6:
                Statement($"{Any()}.Dispose();");
                break;
            case 7:
                Statement($"{Any()} = Oracle.Own({Any()}.DenyRead().AllowRead());");
                break;
            case 8:
                Statement($"{Any()} = {Any()};");
                break;
            case 9:
                Statement($"{Any()} = Oracle.Own(Pages.Allocate(1));");
                break;
            case 10:
                Statement($"{Any()}?.Lock();");
                break;
            case 11:
                Statement($"Oracle.Take({Any()});");
                break;
            case 12:
                Statement($"{Any()} = Oracle.Decide() ? {Any()} : {Any()};");
                break;
            case 13 or 14 or 15:
                Nest("if (Oracle.Decide()) {", "} else {", "}");
                break;
            case 16:
                HasMoreWays = true;
                string round = $"round{_names++}";
                bool isLoop = _isInLoop;
                _isInLoop = true;
                Nest($"for (int {round} = 0; {round} < 2 && Oracle.Decide(); {round}++) {{", "}");
                _isInLoop = isLoop;
                break;
            case 17:
                HasMoreWays = true;
                Line("try {");
                Block(_random.Next(1, 4));
                Line("} finally {");
                _inFinally++;
                Block(_random.Next(1, 4));
                _inFinally--;
                Line("}");
                break;
            case 18:
                HasMoreWays = true;
                Nest("try { if (Oracle.Decide()) throw new Oracle.Stop();", "if (Oracle.Decide()) throw new Oracle.Stop(); } catch (Oracle.Stop) {", "}");
                break;
            case 19:
                Nest($"using ({Any()}) {{", "}");
                break;
            case 20:
                HasMoreWays = true;
                Nest($"if ({Any()}.IsUsable) {{", "}");
                break;
            case 21:
                Line(_inFinally == 0 ? "if (Oracle.Decide()) return;" : ";");
                break;
            case 22 or 23:
                int statement = Statements++;
                Nest($"Oracle.Enter({statement}); if (Oracle.TryTake({Any()})) {{ Oracle.Leave({statement});", $"}} else {{ Oracle.Leave({statement});", "}");
                break;
            case 24:
                Nest("switch (Oracle.Decide()) { case true:", "break; default:", "break; }");
                break;
            case 25:
                Line(_isInLoop && _inFinally == 0 ? $"if (Oracle.Decide()) {(_random.Next(2) == 0 ? "break" : "continue")};" : ";");
                break;
            default:
                Function(choice == 26);
                break;
        }
    }

    private void Nest(params string[] edges)
    {
        for (int i = 0; i < edges.Length; i++)
        {
            Line(edges[i]);
            if (i < edges.Length - 1)
            {
                Block(_random.Next(1, 4));
            }
        }
    }

    private void Function(bool isLambda)
    {
        if (_inFunction)
        {
            return;
        }

        _inFunction = true;
        bool isLoop = _isInLoop;
        _isInLoop = false;
        string name = $"function{_names++}";
        Nest(isLambda ? $"Action {name} = () => {{" : $"void {name}() {{", isLambda ? "};" : "}");
        _inFunction = false;
        _isInLoop = isLoop;
        if (_random.Next(3) != 0)
        {
            Statement(Any() + ".Dispose();");
        }

        Line($"{name}();");
    }
}
