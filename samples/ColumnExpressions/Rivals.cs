using Linq = System.Linq.Expressions.Expression;

namespace MemoryPages.Samples.ColumnExpressions;

/// <summary>What does the same without machine code of its own.</summary>
internal static class Rivals
{
    /// <summary>Walks the tree for each row.</summary>
    public static void Interpret(Expression expression, double[][] columns, double[] results)
    {
        for (int row = 0; row < results.Length; row++)
        {
            results[row] = Value(expression, columns, row);
        }
    }

    /// <summary>A loop over the rows, compiled by the framework.</summary>
    public static Action<double[][], double[]> Compile(Expression expression)
    {
        var columns = Linq.Parameter(typeof(double[][]), "columns");
        var results = Linq.Parameter(typeof(double[]), "results");
        var row = Linq.Variable(typeof(int), "row");
        System.Linq.Expressions.ParameterExpression[] held =
            [.. Enumerable.Range(0, Expression.MostColumns).Select(i => Linq.Variable(typeof(double[]), ((char)('a' + i)).ToString()))];
        var end = Linq.Label();
        Linq body = Linq.Block(
            [row, .. held],
            [
                .. held.Select((variable, i) => Linq.Assign(variable, Linq.ArrayIndex(columns, Linq.Constant(i)))),
                Linq.Loop(
                    Linq.Block(
                        Linq.IfThen(Linq.GreaterThanOrEqual(row, Linq.ArrayLength(results)), Linq.Break(end)),
                        Linq.Assign(Linq.ArrayAccess(results, row), Translate(expression)),
                        Linq.PreIncrementAssign(row)),
                    end),
            ]);
        return Linq.Lambda<Action<double[][], double[]>>(body, columns, results).Compile();

        Linq Translate(Expression part) => part switch
        {
            Expression.Number number => Linq.Constant(number.Value),
            Expression.Column column => Linq.ArrayIndex(held[column.Index], row),
            Expression.Operation { Operator: '+' } sum => Linq.Add(Translate(sum.Left), Translate(sum.Right)),
            Expression.Operation { Operator: '-' } difference => Linq.Subtract(Translate(difference.Left), Translate(difference.Right)),
            Expression.Operation { Operator: '*' } product => Linq.Multiply(Translate(product.Left), Translate(product.Right)),
            Expression.Operation quotient => Linq.Divide(Translate(quotient.Left), Translate(quotient.Right)),
            _ => throw new InvalidOperationException(),
        };
    }

    private static double Value(Expression expression, double[][] columns, int row) => expression switch
    {
        Expression.Number number => number.Value,
        Expression.Column column => columns[column.Index][row],
        Expression.Operation { Operator: '+' } sum => Value(sum.Left, columns, row) + Value(sum.Right, columns, row),
        Expression.Operation { Operator: '-' } difference => Value(difference.Left, columns, row) - Value(difference.Right, columns, row),
        Expression.Operation { Operator: '*' } product => Value(product.Left, columns, row) * Value(product.Right, columns, row),
        Expression.Operation quotient => Value(quotient.Left, columns, row) / Value(quotient.Right, columns, row),
        _ => throw new InvalidOperationException(),
    };
}
