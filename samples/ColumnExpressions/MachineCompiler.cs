using Iced.Intel;
using MemoryPages.Unsafe;
using static Iced.Intel.AssemblerRegisters;

namespace MemoryPages.Samples.ColumnExpressions;

/// <summary>Expressions to machine code: a function that is given the columns' addresses, the results' address, and the number of rows.</summary>
/// <remarks>
/// System V calls: <c>rdi</c> is the array of the columns' addresses, <c>rsi</c> the results, <c>rdx</c> the rows. <c>r11</c> counts the rows. What
/// stands at depth n of the tree is computed in vector register n, by instructions for four rows, and for one where fewer are left. No multiplication
/// is fused with an addition: results are those of C#.
/// </remarks>
internal sealed class MachineCompiler(Expression expression)
{
    private const int RowsAtATime = 4;
    private const int VectorRegisters = 16;

    private static readonly AssemblerRegister64[] s_columns = [rax, rcx, r8, r9, r10];
    private static readonly AssemblerRegisterYMM[] s_vectors =
        [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15];

    private static readonly AssemblerRegisterXMM[] s_scalars =
        [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    private readonly Assembler _assembler = new(64);
    private readonly Dictionary<double, Label> _constants = [];
    private bool _isVector;

    /// <summary>Assembles into the heap: the assembler is told the address that the heap chose.</summary>
    public static CodeBlock Compile(Expression expression, CodeHeap heap)
    {
        Assembler assembler = new MachineCompiler(expression).Translate();
        return heap.Emit(assembler, static (ref MemoryPages.CodeWriter writer, Assembler assembler) =>
        {
            using var bytes = new MemoryStream();
            assembler.Assemble(new StreamCodeWriter(bytes), writer.Address);
            writer.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }, "column expression");
    }

    /// <summary>Runs it. The lease holds the function, the pins the columns.</summary>
    public static unsafe void Run(CodeBlock function, double[][] columns, double[] results)
    {
        nint* addresses = stackalloc nint[Expression.MostColumns];
        for (int i = 0; i < columns.Length; i++)
        {
            // Arrays on the pinned heap: they do not move.
            addresses[i] = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref columns[i][0]);
        }

        fixed (double* first = results)
        {
            using FunctionLease<Action<nint, nint, long>> run = function.Function<Action<nint, nint, long>>();
            run.Invoke((nint)addresses, (nint)first, results.Length);
        }
    }

    private Assembler Translate()
    {
        Assembler c = _assembler;
        Label rows = c.CreateLabel();
        Label rest = c.CreateLabel();
        Label restBegin = c.CreateLabel();
        Label end = c.CreateLabel();
        for (int i = 0; i < s_columns.Length; i++)
        {
            c.mov(s_columns[i], __[rdi + (i * sizeof(long))]);
        }

        c.xor(r11d, r11d);
        c.sub(rdx, RowsAtATime);
        c.jl(restBegin);

        c.Label(ref rows);
        _isVector = true;
        Evaluate(expression, 0);
        c.vmovupd(__[rsi + (r11 * sizeof(double))], ymm0);
        c.add(r11, RowsAtATime);
        c.cmp(r11, rdx);
        c.jle(rows);

        c.Label(ref restBegin);
        c.add(rdx, RowsAtATime);
        c.Label(ref rest);
        c.cmp(r11, rdx);
        c.jge(end);
        _isVector = false;
        Evaluate(expression, 0);
        c.vmovsd(__[rsi + (r11 * sizeof(double))], xmm0);
        c.inc(r11);
        c.jmp(rest);

        c.Label(ref end);
        c.vzeroupper(); // or SSE code of the caller pays for the upper halves
        c.ret();
        foreach ((double value, Label label) in _constants)
        {
            Label here = label;
            c.Label(ref here);
            c.dq(BitConverter.DoubleToUInt64Bits(value));
        }

        return c;
    }

    /// <summary>Leaves the value in the register of this depth.</summary>
    private void Evaluate(Expression part, int depth)
    {
        if (depth >= VectorRegisters)
        {
            throw new NotSupportedException($"The expression is nested more than {VectorRegisters} deep.");
        }

        switch (part)
        {
            case Expression.Number number:
                Load(number, depth);
                break;
            case Expression.Column column when _isVector:
                _assembler.vmovupd(s_vectors[depth], At(column));
                break;
            case Expression.Column column:
                _assembler.vmovsd(s_scalars[depth], At(column));
                break;
            case Expression.Operation operation:
                Evaluate(operation.Left, depth);
                if (operation.Right is Expression.Column right)
                {
                    Apply(operation.Operator, depth, right);
                }
                else
                {
                    Evaluate(operation.Right, depth + 1);
                    Apply(operation.Operator, depth);
                }

                break;
        }
    }

    private void Load(Expression.Number number, int depth)
    {
        if (!_constants.TryGetValue(number.Value, out Label label))
        {
            label = _assembler.CreateLabel();
            _constants.Add(number.Value, label);
        }

        if (_isVector)
        {
            _assembler.vbroadcastsd(s_vectors[depth], __[label]);
        }
        else
        {
            _assembler.vmovsd(s_scalars[depth], __[label]);
        }
    }

    /// <summary>With a column: straight from memory.</summary>
    private void Apply(char operation, int depth, Expression.Column right)
    {
        AssemblerMemoryOperand operand = At(right);
        switch (operation, _isVector)
        {
            case ('+', true): _assembler.vaddpd(s_vectors[depth], s_vectors[depth], operand); break;
            case ('-', true): _assembler.vsubpd(s_vectors[depth], s_vectors[depth], operand); break;
            case ('*', true): _assembler.vmulpd(s_vectors[depth], s_vectors[depth], operand); break;
            case ('/', true): _assembler.vdivpd(s_vectors[depth], s_vectors[depth], operand); break;
            case ('+', _): _assembler.vaddsd(s_scalars[depth], s_scalars[depth], operand); break;
            case ('-', _): _assembler.vsubsd(s_scalars[depth], s_scalars[depth], operand); break;
            case ('*', _): _assembler.vmulsd(s_scalars[depth], s_scalars[depth], operand); break;
            default: _assembler.vdivsd(s_scalars[depth], s_scalars[depth], operand); break;
        }
    }

    /// <summary>With what stands one deeper.</summary>
    private void Apply(char operation, int depth)
    {
        (AssemblerRegisterYMM left, AssemblerRegisterYMM right) = (s_vectors[depth], s_vectors[depth + 1]);
        (AssemblerRegisterXMM one, AssemblerRegisterXMM other) = (s_scalars[depth], s_scalars[depth + 1]);
        switch (operation, _isVector)
        {
            case ('+', true): _assembler.vaddpd(left, left, right); break;
            case ('-', true): _assembler.vsubpd(left, left, right); break;
            case ('*', true): _assembler.vmulpd(left, left, right); break;
            case ('/', true): _assembler.vdivpd(left, left, right); break;
            case ('+', _): _assembler.vaddsd(one, one, other); break;
            case ('-', _): _assembler.vsubsd(one, one, other); break;
            case ('*', _): _assembler.vmulsd(one, one, other); break;
            default: _assembler.vdivsd(one, one, other); break;
        }
    }

    private static AssemblerMemoryOperand At(Expression.Column column) => __[s_columns[column.Index] + (r11 * sizeof(double))];
}
