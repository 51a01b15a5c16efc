using System.Diagnostics;
using System.Text.RegularExpressions;
using Iced.Intel;
using MemoryPages.Platform.Linux.Survival;

namespace MemoryPages.Tests.Files;

/// <summary>The machine code of the handler is what its source says, for both processors, on whichever this runs.</summary>
public sealed partial class BusErrorCodeTests
{
    private static readonly string s_sources = Path.Combine(Snippet.RepositoryRoot, "eng", "bus-error-handler");

    /// <summary>Each assembler's name for the processor's sources, and what turns its object into bytes.</summary>
    public static TheoryData<string, string, string> Assemblers => new()
    {
        { "x64", "llvm-mc --triple=x86_64-linux --filetype=obj", "llvm-objcopy" },
        { "x64", "as --64", "objcopy" },
        { "arm64", "llvm-mc --triple=aarch64-linux --filetype=obj", "llvm-objcopy" },
        { "arm64", "aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy" },
    };

    [Theory]
    [MemberData(nameof(Assemblers))]
    public void Assembling_the_source_again_gives_the_bytes(string processor, string assembler, string copier)
    {
        string[] command = assembler.Split(' ');
        Assert.SkipUnless(
            IsInstalled(command[0]) && IsInstalled(copier), $"{command[0]} is not installed (packages llvm, binutils, binutils-aarch64-linux-gnu).");
        using var target = new TempFile(0);
        using var bytes = new TempFile(0);
        Run(command[0], [.. command[1..], Path.Combine(s_sources, processor + ".s"), "-o", target.Path]);
        Run(copier, "-O", "binary", "-j", ".text", target.Path, bytes.Path);
        Assert.Equal(bytes.Content, Bytes(processor));
    }

    /// <summary>The listing beside the bytes is told by a disassembler of another house.</summary>
    [Fact]
    public void The_x64_listing_says_what_the_bytes_are()
    {
        string listing = File.ReadAllText(Path.Combine(Sources(), "BusErrorCode.X64.cs"));
        string[] told = [.. Line().Matches(listing).Select(line =>
            $"{line.Groups[1].Value.Split("0x").Length - 1} {Mnemonic(line.Groups[2].Value)}")];
        Assert.Equal(told, Decode().Select(i => $"{i.Length} {(i.HasLockPrefix ? "lock " : "")}{Alias(i.Mnemonic)}"));
        Assert.True(told.Length > 80);

        static string Mnemonic(string text) => text.StartsWith("lock") ? string.Join(' ', text.Split(' ')[..2]) : text.Split(' ')[0];
        static string Alias(Mnemonic mnemonic) => mnemonic.ToString().ToLowerInvariant();
    }

    /// <summary>Of the processor's state nothing is used that the kernel does not restore, of memory nothing but what is handed to it.</summary>
    [Fact]
    public void The_x64_code_depends_on_no_address_and_leaves_the_stack_alone()
    {
        Instruction[] code = [.. Decode()];
        Assert.DoesNotContain(code, i => i.IsInvalid);
        Assert.DoesNotContain(code, i => i.StackPointerIncrement != 0 && i.Mnemonic != Mnemonic.Ret);
        Assert.DoesNotContain(code, i =>
            i.MemoryBase is Register.RSP || (i.OpCount > 0 && i.Op0Kind == OpKind.Register && i.Op0Register == Register.RSP));
        Assert.DoesNotContain(code, i => i.Mnemonic == Mnemonic.Call);
        Instruction data = Assert.Single(code, i => i.IsIPRelativeMemoryOperand);
        Assert.Equal((ulong)BusErrorCode.X64.Length - sizeof(ulong), data.IPRelativeMemoryAddress);
        Assert.DoesNotContain(code, i =>
            i.MemoryBase == Register.None && i.OpCount > 0 && Enumerable.Range(0, i.OpCount).Any(op => i.GetOpKind(op) == OpKind.Memory));
        IEnumerable<Instruction> numbers = code.Where(i => i.Op0Register == Register.EAX && i.Op1Kind == OpKind.Immediate32);
        Assert.Equal([9, 13], numbers.Select(i => (int)i.Immediate32).Where(number => number != 1)); // mmap, rt_sigaction
        Assert.Equal(2, code.Count(i => i.Mnemonic == Mnemonic.Syscall));
        Assert.All(code.Where(i => i.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch), i =>
            Assert.Contains(code, target => target.IP == i.NearBranchTarget));
    }

    [Fact]
    public void Both_end_with_the_place_for_the_datas_address_aligned_to_it()
    {
        foreach (string processor in new[] { "x64", "arm64" })
        {
            byte[] bytes = Bytes(processor);
            Assert.Equal(0, bytes.Length % sizeof(ulong));
            Assert.Equal(new byte[sizeof(ulong)], bytes[^sizeof(ulong)..]);
        }
    }

    private static byte[] Bytes(string processor) => (processor == "x64" ? BusErrorCode.X64 : BusErrorCode.Arm64).ToArray();

    private static string Sources() => Path.Combine(Snippet.RepositoryRoot, "src", "MemoryPages", "Platform", "Linux", "Survival");

    /// <summary>All but the data and what fills up before it.</summary>
    private static IEnumerable<Instruction> Decode()
    {
        byte[] bytes = BusErrorCode.X64[..^sizeof(ulong)].ToArray();
        var decoder = Decoder.Create(64, bytes);
        while (decoder.IP < (ulong)bytes.Length)
        {
            yield return decoder.Decode();
        }
    }

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    [GeneratedRegex(@"^\s+((?:0x[0-9A-F]{2}, )+)\s*// (.+)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
