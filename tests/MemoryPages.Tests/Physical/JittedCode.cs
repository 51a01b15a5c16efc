using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iced.Intel;

namespace MemoryPages.Tests.Physical;

/// <summary>The instructions that the JIT made of a method which it optimizes at once (AggressiveOptimization). x86-64 only.</summary>
internal static unsafe class JittedCode
{
    private const int LongestMethod = 2000;

    public static bool CanBeRead => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static List<Instruction> Of(MethodInfo method)
    {
        List<Instruction> code = [];
        ulong start = Entry(method);
        var decoder = Decoder.Create(64, new PointerReader(start), start);
        ulong farthest = start; // of what is jumped to within the method: a return before that is not the end
        while (decoder.IP < start + LongestMethod)
        {
            Instruction next = decoder.Decode();
            code.Add(next);
            if (next.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && next.NearBranchTarget < start + LongestMethod)
            {
                farthest = Math.Max(farthest, next.NearBranchTarget);
            }

            if (next.FlowControl is FlowControl.Return or FlowControl.IndirectBranch or FlowControl.UnconditionalBranch or FlowControl.Interrupt && decoder.IP > farthest)
            {
                break;
            }
        }

        return code;
    }

    /// <summary>Where a call leads, behind the runtime's cells and jumps.</summary>
    public static ulong Target(in Instruction call) =>
        Behind(call.IsIPRelativeMemoryOperand ? *(ulong*)call.IPRelativeMemoryAddress : call.NearBranchTarget);

    /// <summary>The first instruction of the method's own code.</summary>
    public static ulong Entry(MethodInfo method)
    {
        RuntimeHelpers.PrepareMethod(method.MethodHandle);
        return Behind((ulong)method.MethodHandle.GetFunctionPointer());
    }

    private static ulong Behind(ulong address)
    {
        for (int step = 0; step < 4; step++)
        {
            Instruction first = Decoder.Create(64, new PointerReader(address), address).Decode();
            if (first.Mnemonic != Mnemonic.Jmp)
            {
                break;
            }

            address = first.IsIPRelativeMemoryOperand ? *(ulong*)first.IPRelativeMemoryAddress : first.NearBranchTarget;
        }

        return address;
    }

    private sealed class PointerReader(ulong address) : CodeReader
    {
        private ulong _next = address;

        public override int ReadByte() => *(byte*)_next++;
    }
}
