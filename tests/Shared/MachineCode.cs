using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>Small functions of the processor that this process runs on: x86-64 (with the calls of System V, or of Windows), arm64.</summary>
internal static class MachineCode
{
    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Arguments come in rcx, rdx, r8, r9 and above 32 bytes that are the callee's; else in rdi, rsi, rdx, rcx, r8, r9.</summary>
    private static readonly bool s_isWindows = s_isX64 && OperatingSystem.IsWindows();

    /// <summary>Whether there are any.</summary>
    public static bool IsKnown => RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The bytes that free code memory is filled with.</summary>
    public static byte[] Trap { get; } = s_isX64 ? [0xCC] : Words(0xD420_0000); // int3; brk #0

    public static byte[] Return { get; } = s_isX64 ? [0xC3] : Words(0xD65F_03C0);

    /// <summary>The sum of two 64-bit integers: <c>lea rax, [rdi + rsi]; ret</c>, <c>add x0, x0, x1; ret</c>.</summary>
    public static byte[] Add { get; } = s_isWindows ? [0x48, 0x8D, 0x04, 0x11, 0xC3] : s_isX64 ? [0x48, 0x8D, 0x04, 0x37, 0xC3] : Words(0x8B01_0000, 0xD65F_03C0);

    /// <summary>(a + b) * c of doubles: <c>addsd xmm0, xmm1; mulsd xmm0, xmm2; ret</c>, <c>fadd d0, d0, d1; fmul d0, d0, d2; ret</c>.</summary>
    public static byte[] AddThenMultiply { get; } =
        s_isX64 ? [0xF2, 0x0F, 0x58, 0xC1, 0xF2, 0x0F, 0x59, 0xC2, 0xC3] : Words(0x1E61_2800, 0x1E62_0800, 0xD65F_03C0);

    /// <summary>Of a structure of three 64-bit integers, given by address: third = first + second.</summary>
    public static byte[] StoreSum { get; } = s_isWindows ? [0x48, 0x8B, 0x01, 0x48, 0x03, 0x41, 0x08, 0x48, 0x89, 0x41, 0x10, 0xC3]
        : s_isX64 ? [0x48, 0x8B, 0x07, 0x48, 0x03, 0x47, 0x08, 0x48, 0x89, 0x47, 0x10, 0xC3]
        : Words(0xF940_0001, 0xF940_0402, 0x8B02_0021, 0xF900_0801, 0xD65F_03C0);

    /// <summary>Calls the function that is its first argument with its second, and adds one.</summary>
    public static byte[] CallBack { get; } = s_isWindows
        ?
        [
            0x48, 0x83, 0xEC, 0x28, // sub rsp, 40: the callee's 32 bytes, and the stack aligned
            0x48, 0x89, 0xC8,       // mov rax, rcx
            0x48, 0x89, 0xD1,       // mov rcx, rdx
            0xFF, 0xD0,             // call rax
            0x48, 0xFF, 0xC0,       // inc rax
            0x48, 0x83, 0xC4, 0x28, // add rsp, 40
            0xC3,
        ]
        : s_isX64 ?
        [
            0x48, 0x83, 0xEC, 0x08, // sub rsp, 8: keeps the stack aligned
            0x48, 0x89, 0xF8,       // mov rax, rdi
            0x48, 0x89, 0xF7,       // mov rdi, rsi
            0xFF, 0xD0,             // call rax
            0x48, 0xFF, 0xC0,       // inc rax
            0x48, 0x83, 0xC4, 0x08, // add rsp, 8
            0xC3,
        ]
        : Words(0xA9BF_7BFD, 0xAA00_03E2, 0xAA01_03E0, 0xD63F_0040, 0x9100_0400, 0xA8C1_7BFD, 0xD65F_03C0);

    /// <summary>Returns a number: its immediate is the four bytes from offset 1 on x86-64, in two instructions on arm64.</summary>
    public static byte[] Constant(int value)
    {
        if (s_isX64)
        {
            byte[] code = [0xB8, 0, 0, 0, 0, 0xC3]; // mov eax, value; ret
            BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(1), value);
            return code;
        }

        return Words(0x5280_0000 | (((uint)value & 0xFFFF) << 5), 0x72A0_0000 | (((uint)value >> 16) << 5), 0xD65F_03C0); // movz, movk, ret
    }

    /// <summary>A constant after instructions that do nothing, of a whole length.</summary>
    public static byte[] Constant(int value, int length)
    {
        byte[] code = Constant(value);
        byte[] nothing = s_isX64 ? [0x90] : Words(0xD503_201F);
        return [.. Enumerable.Range(0, (length - code.Length) / nothing.Length).SelectMany(_ => nothing), .. code];
    }

    /// <summary>((a1 * 3 + a2) * 3 + a3)…: each argument counts differently, so that none can be taken for another.</summary>
    public static byte[] HornerOf(int count)
    {
        if (!s_isX64)
        {
            // x9 is the sum; the first eight arguments are in x0 to x7, the others on the stack.
            IEnumerable<uint> steps = Enumerable.Range(0, count).SelectMany(i => i < 8
                ? (uint[])[0x8B09_0529, 0x8B00_0129 | ((uint)i << 16)]
                : [0x8B09_0529, 0xF940_03EA | ((uint)(i - 8) << 10), 0x8B0A_0129]);
            return Words([0xD280_0009, .. steps, 0xAA09_03E0, 0xD65F_03C0]);
        }

        byte[][] addRegister = s_isWindows
            ? [[0x48, 0x01, 0xC8], [0x48, 0x01, 0xD0], [0x4C, 0x01, 0xC0], [0x4C, 0x01, 0xC8]]
            : [[0x48, 0x01, 0xF8], [0x48, 0x01, 0xF0], [0x48, 0x01, 0xD0], [0x48, 0x01, 0xC8], [0x4C, 0x01, 0xC0], [0x4C, 0x01, 0xC8]];
        List<byte> code = [0x31, 0xC0]; // xor eax, eax
        for (int i = 0; i < count; i++)
        {
            code.AddRange([0x48, 0x8D, 0x04, 0x40]); // lea rax, [rax + rax * 2]
            code.AddRange(i < addRegister.Length ? addRegister[i] : [0x48, 0x03, 0x84, 0x24, (byte)(8 * (s_isWindows ? i + 1 : i - 5)), 0, 0, 0]); // add rax, [rsp + …], above the return address
        }

        return [.. code, 0xC3];
    }

    private static byte[] Words(params uint[] instructions) => [.. instructions.SelectMany(BitConverter.GetBytes)];
}
