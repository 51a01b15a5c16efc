namespace MemoryPages.Samples.ColumnExpressions;

/// <summary>Arithmetic over the columns of a row.</summary>
internal abstract record Expression
{
    /// <summary>The most columns: as many as there are registers for their addresses.</summary>
    public const int MostColumns = 5;

    /// <summary>As it is written: <c>a * (b - 1.5) / -c</c>.</summary>
    /// <exception cref="FormatException">It is not an expression.</exception>
    public static Expression Parse(string text)
    {
        var parser = new Parser(text);
        Expression expression = parser.Sum();
        return parser.IsAtEnd ? expression : throw parser.Wrong("an operator");
    }

    internal sealed record Number(double Value) : Expression;

    internal sealed record Column(int Index) : Expression;

    internal sealed record Operation(char Operator, Expression Left, Expression Right) : Expression;

    /// <summary>By recursive descent: sums of products of factors.</summary>
    private sealed class Parser(string text)
    {
        private int _position;

        public bool IsAtEnd => Peek() == '\0';

        public Expression Sum() => Chain(Product, "+-");

        public FormatException Wrong(string wanted) => new($"{wanted} is wanted at character {_position + 1} of '{text}'.");

        private Expression Product() => Chain(Factor, "*/");

        private Expression Chain(Func<Expression> operand, string operators)
        {
            Expression left = operand();
            while (operators.Contains(Peek(), StringComparison.Ordinal))
            {
                left = new Operation(text[_position++], left, operand());
            }

            return left;
        }

        private Expression Factor()
        {
            switch (Peek())
            {
                case '(':
                    _position++;
                    Expression inner = Sum();
                    return Peek() == ')' && _position++ >= 0 ? inner : throw Wrong(")");
                case '-':
                    _position++;
                    return new Operation('*', new Number(-1), Factor());
                case >= 'a' and < (char)('a' + MostColumns):
                    return new Column(text[_position++] - 'a');
                default:
                    int start = _position;
                    while (_position < text.Length && (char.IsAsciiDigit(text[_position]) || text[_position] == '.'))
                    {
                        _position++;
                    }

                    return double.TryParse(text.AsSpan(start.._position), System.Globalization.CultureInfo.InvariantCulture, out double value)
                        ? new Number(value)
                        : throw Wrong("a number, a column from a to e, or (");
            }
        }

        private char Peek()
        {
            while (_position < text.Length && text[_position] == ' ')
            {
                _position++;
            }

            return _position < text.Length ? text[_position] : '\0';
        }
    }
}
