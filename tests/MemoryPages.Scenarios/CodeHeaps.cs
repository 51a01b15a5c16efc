using System.Globalization;
using MemoryPages.Testing;
using MemoryPages.Unsafe;

namespace MemoryPages.Scenarios;

/// <summary>Code in processes of their own: with laws of their own, under strace, or to die of.</summary>
internal static unsafe class CodeHeaps
{
    /// <summary>
    /// Does all that a heap can, in both modes, and prints how many regions can be written and run. Argument: "opt-in" makes one on purpose.
    /// </summary>
    [Scenario]
    public static int CodeInEveryWay(string[] arguments)
    {
        int most = 0;
        foreach (CodeMode mode in new[] { CodeMode.Flipped, CodeMode.DualMapped })
        {
            using var heap = new CodeHeap(new() { Mode = mode, Reserve = 4 << 20 });
            using CodeBatch batch = heap.Batch();
            for (int i = 1; i <= 200; i++)
            {
                CodeBlock block = heap.Emit(MachineCode.Constant(i));
                CodeBlock batched = batch.Emit(MachineCode.Constant(i));
                Look();
                block.Rewrite(MachineCode.Constant(i + 1));
                if (i % 10 == 0)
                {
                    batch.Publish();
                    Look();
                }

                if (Call(block) != i + 1 || (i % 10 == 0 && Call(batched) != i))
                {
                    return 2;
                }

                if (i % 3 == 0)
                {
                    block.Dispose();
                    Look();
                }
            }
        }

        if (arguments is ["opt-in"])
        {
#pragma warning disable MPUNSAFE001 // shows that the looking sees it
            using Pages<ReadWriteExecute> both = Pages.Allocate<ReadWriteExecute>(1);
#pragma warning restore MPUNSAFE001
            Look();
        }

        Console.WriteLine(most);
        return 0;

        void Look() => most = Math.Max(most, File.ReadLines(Needed.File("/proc/self/maps")).Count(IsWritableAndExecutable));

        static bool IsWritableAndExecutable(string line) => line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal) + 1) is [_, 'w', 'x', ..];
    }

    /// <summary>
    /// The kernel itself forbids that memory which was written becomes executable. The runtime cannot compile anything more from there on: all that
    /// runs then must have run before.
    /// </summary>
    [Scenario]
    public static int CodeUnderMdwe(string[] arguments)
    {
        const int SetMdwe = 65;
        const int RefuseExecutableGain = 1;
        string before = Rehearse(CodeMode.DualMapped) + Rehearse(null);
        Console.WriteLine(before);
        if (Kernel.ProcessControl(SetMdwe, RefuseExecutableGain, 0, 0, 0) != 0)
        {
            Console.WriteLine("no MDWE");
            return 0;
        }

        Console.WriteLine(Rehearse(null));
        return 0;

        static string Rehearse(CodeMode? mode)
        {
            string made = "";
            using (var heap = new CodeHeap(new() { Mode = mode }))
            using (CodeBlock block = heap.Emit(MachineCode.Constant(42)))
            {
                made = heap.Mode + (Call(block) == 42 ? " runs, " : " fails, ");
            }

            try
            {
                // Before the law only the place is refused; after it, the mode.
                new CodeHeap(new() { Mode = CodeMode.Flipped, Near = mode is null ? 0 : nuint.MaxValue }).Dispose();
                return made + "flipped too; ";
            }
            catch (MemoryPagesException refused)
            {
                return made + refused.NativeCall + (refused.Hint!.Contains("dual-mapped", StringComparison.Ordinal) ? " says how; " : " refused; ");
            }
        }
    }

    /// <summary>Arguments: a mode, and what to do wrong. Prints the address first.</summary>
    [Scenario]
    public static int CodeDeath(string[] arguments)
    {
        using var heap = new CodeHeap(new() { Mode = Enum.Parse<CodeMode>(arguments[0]) });
        CodeBlock block = heap.Emit(MachineCode.Return);
        byte* code = (byte*)block.Address;
        ((delegate* unmanaged<void>)code)();
        Console.WriteLine("alive");
        Console.Out.Flush();
        switch (arguments[1])
        {
            case "Write":
                *code = 0x90;
                break;
            case "RunFreed":
                block.Dispose();
                ((delegate* unmanaged<void>)code)();
                break;
            case "RunBehind":
                ((delegate* unmanaged<void>)(code + 16))();
                break;
            case "RunDisposed":
                heap.Dispose();
                ((delegate* unmanaged<void>)code)();
                break;
        }

        Console.WriteLine("survived");
        return 0;
    }

    /// <summary>Emits, calls and frees in a warm heap, between two looks for a file that a trace shows. Arguments: a mode, and how many.</summary>
    [Scenario]
    public static int WarmCode(string[] arguments)
    {
        int count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        using var heap = new CodeHeap(new() { Mode = Enum.Parse<CodeMode>(arguments[0]) });
        byte[] code = MachineCode.Constant(7, 64);
        for (int round = 0; round < 3; round++)
        {
            Use(heap, code, count);
        }

        _ = GC.TryStartNoGCRegion(32 << 20); // what the collector asks the system for is not what is looked at
        _ = File.Exists("/begin-of-warm-code");
        Use(heap, code, count);
        _ = File.Exists("/end-of-warm-code");
        return 0;

        static void Use(CodeHeap heap, byte[] code, int count)
        {
            for (int i = 0; i < count; i++)
            {
                using CodeBlock block = heap.Emit(code);
                _ = Call(block);
            }
        }
    }

    /// <summary>Publishes many functions at once, between two looks for a file that a trace shows.</summary>
    [Scenario]
    public static int BatchOfCode(string[] arguments)
    {
        using var heap = new CodeHeap(new() { Mode = CodeMode.Flipped });
        byte[] code = MachineCode.Constant(7);
        _ = GC.TryStartNoGCRegion(32 << 20);
        for (int round = 0; round < 2; round++)
        {
            using CodeBatch batch = heap.Batch(1 << 16);
            _ = File.Exists("/begin-of-batch");
            for (int i = 0; i < 1000; i++)
            {
                _ = batch.Emit(code);
            }

            batch.Publish();
            _ = File.Exists("/end-of-batch");
        }

        return 0;
    }

    /// <summary>Prints the names that perf(1) would find, and removes the file.</summary>
    [Scenario]
    public static int NamedCode(string[] arguments)
    {
        using var heap = new CodeHeap(new() { PerfMap = true });
        using CodeBlock block = heap.Emit(MachineCode.Constant(7, 64), "seven\nof code");
        using CodeBatch batch = heap.Batch();
        using CodeBlock second = batch.Emit(MachineCode.Return);
        string path = $"/tmp/perf-{Environment.ProcessId}.map";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{block.Address:x} {second.Address:x}"));
        Console.WriteLine(File.ReadAllText(path));
        File.Delete(path);
        return 0;
    }

    /// <summary>A link where the names would go: it must not be followed.</summary>
    [Scenario]
    public static int NamedCodeBesideALink(string[] arguments)
    {
        string path = $"/tmp/perf-{Environment.ProcessId}.map";
        File.CreateSymbolicLink(path, arguments[0]);
        try
        {
            using var heap = new CodeHeap(new() { PerfMap = true });
            using CodeBlock block = heap.Emit(MachineCode.Constant(7), "seven");
            return Call(block) == 7 ? 0 : 1;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Call(CodeBlock block)
    {
        using FunctionLease<Func<int>> function = block.Function<Func<int>>();
        return function.Invoke();
    }
}
