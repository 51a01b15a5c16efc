namespace MemoryPages.Platform.Linux.Survival;

/// <content>Written by eng/bus-error-handler/assemble from x64.s, where the instructions are explained: change that, not this.</content>
internal static partial class BusErrorCode
{
    /// <summary>The handler for x86-64.</summary>
    internal static ReadOnlySpan<byte> X64 =>
    [
        0x4C, 0x8B, 0x3D, 0x09, 0x01, 0x00, 0x00,                    // mov r15, qword ptr [data]
        0x83, 0x7E, 0x08, 0x02,                                      // cmp dword ptr [rsi + 8], 2
        0x0F, 0x85, 0xDA, 0x00, 0x00, 0x00,                          // jne pass_on
        0x49, 0x89, 0xFC,                                            // mov r12, rdi
        0x49, 0x89, 0xF5,                                            // mov r13, rsi
        0x49, 0x89, 0xD6,                                            // mov r14, rdx
        0x48, 0x8B, 0x5E, 0x10,                                      // mov rbx, qword ptr [rsi + 16]
        0xBD, 0x01, 0x00, 0x00, 0x00,                                // mov ebp, 1

        // search:
        0x4D, 0x8B, 0x4F, 0x08,                                      // mov r9, qword ptr [r15 + 8]

        // block:
        0x4D, 0x85, 0xC9,                                            // test r9, r9
        0x74, 0x45,                                                  // je next_kind
        0x4D, 0x8D, 0x51, 0x40,                                      // lea r10, [r9 + 64]
        0xB9, 0x3F, 0x00, 0x00, 0x00,                                // mov ecx, 63

        // slot:
        0x49, 0x8B, 0x02,                                            // mov rax, qword ptr [r10]
        0xA8, 0x01,                                                  // test al, 1
        0x75, 0x28,                                                  // jne next_slot
        0x41, 0x3B, 0x6A, 0x28,                                      // cmp ebp, dword ptr [r10 + 40]
        0x75, 0x22,                                                  // jne next_slot
        0x49, 0x3B, 0x5A, 0x08,                                      // cmp rbx, qword ptr [r10 + 8]
        0x72, 0x1C,                                                  // jb next_slot
        0x49, 0x8B, 0x72, 0x10,                                      // mov rsi, qword ptr [r10 + 16]
        0x48, 0x39, 0xF3,                                            // cmp rbx, rsi
        0x73, 0x13,                                                  // jae next_slot
        0x4D, 0x8B, 0x42, 0x18,                                      // mov r8, qword ptr [r10 + 24]
        0x41, 0x8B, 0x52, 0x20,                                      // mov edx, dword ptr [r10 + 32]
        0x45, 0x8B, 0x5A, 0x24,                                      // mov r11d, dword ptr [r10 + 36]
        0x49, 0x3B, 0x02,                                            // cmp rax, qword ptr [r10]
        0x75, 0xD3,                                                  // jne slot
        0xEB, 0x13,                                                  // jmp found

        // next_slot:
        0x49, 0x83, 0xC2, 0x40,                                      // add r10, 64
        0xFF, 0xC9,                                                  // dec ecx
        0x75, 0xC9,                                                  // jne slot
        0x4D, 0x8B, 0x09,                                            // mov r9, qword ptr [r9]
        0xEB, 0xB6,                                                  // jmp block

        // next_kind:
        0xFF, 0xCD,                                                  // dec ebp
        0x74, 0xAE,                                                  // je search
        0xEB, 0x6B,                                                  // jmp give_up

        // found:
        0x44, 0x89, 0xD9,                                            // mov ecx, r11d
        0xBD, 0x01, 0x00, 0x00, 0x00,                                // mov ebp, 1
        0x48, 0xD3, 0xE5,                                            // shl rbp, cl
        0x48, 0x89, 0xE9,                                            // mov rcx, rbp
        0x48, 0xF7, 0xD9,                                            // neg rcx
        0x48, 0x89, 0xDF,                                            // mov rdi, rbx
        0x48, 0x21, 0xCF,                                            // and rdi, rcx
        0x49, 0x8B, 0x40, 0x08,                                      // mov rax, qword ptr [r8 + 8]

        // lower:
        0x48, 0x39, 0xC7,                                            // cmp rdi, rax
        0x73, 0x08,                                                  // jae count
        0xF0, 0x49, 0x0F, 0xB1, 0x78, 0x08,                          // lock cmpxchg qword ptr [r8 + 8], rdi
        0x75, 0xF3,                                                  // jne lower

        // count:
        0xB8, 0x01, 0x00, 0x00, 0x00,                                // mov eax, 1
        0xF0, 0x49, 0x0F, 0xC1, 0x00,                                // lock xadd qword ptr [r8], rax
        0x48, 0x8D, 0x74, 0x2E, 0xFF,                                // lea rsi, [rsi + rbp - 1]
        0x48, 0x21, 0xCE,                                            // and rsi, rcx
        0x48, 0x29, 0xFE,                                            // sub rsi, rdi
        0x49, 0x3B, 0x47, 0x10,                                      // cmp rax, qword ptr [r15 + 16]
        0x73, 0x03,                                                  // jae replace

        // one_page:
        0x48, 0x89, 0xEE,                                            // mov rsi, rbp

        // replace:
        0x41, 0xBA, 0x32, 0x40, 0x00, 0x00,                          // mov r10d, 16434
        0x49, 0xC7, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF,                    // mov r8, -1
        0x45, 0x31, 0xC9,                                            // xor r9d, r9d
        0xB8, 0x09, 0x00, 0x00, 0x00,                                // mov eax, 9
        0x0F, 0x05,                                                  // syscall
        0x48, 0x3D, 0x01, 0xF0, 0xFF, 0xFF,                          // cmp rax, -4095
        0x73, 0x01,                                                  // jae refused
        0xC3,                                                        // ret

        // refused:
        0x48, 0x39, 0xEE,                                            // cmp rsi, rbp
        0x75, 0xD8,                                                  // jne one_page

        // give_up:
        0x4C, 0x89, 0xE7,                                            // mov rdi, r12
        0x4C, 0x89, 0xEE,                                            // mov rsi, r13
        0x4C, 0x89, 0xF2,                                            // mov rdx, r14

        // pass_on:
        0x49, 0x8B, 0x07,                                            // mov rax, qword ptr [r15]
        0x48, 0x83, 0xF8, 0x01,                                      // cmp rax, 1
        0x76, 0x02,                                                  // jbe no_handler
        0xFF, 0xE0,                                                  // jmp rax

        // no_handler:
        0x49, 0x8D, 0x77, 0x18,                                      // lea rsi, [r15 + 24]
        0x31, 0xD2,                                                  // xor edx, edx
        0x41, 0xBA, 0x08, 0x00, 0x00, 0x00,                          // mov r10d, 8
        0xB8, 0x0D, 0x00, 0x00, 0x00,                                // mov eax, 13
        0x0F, 0x05,                                                  // syscall
        0xC3,                                                        // ret
        0xCC,                                                        // int3
        0xCC,                                                        // int3
        0xCC,                                                        // int3
        0xCC,                                                        // int3
        0xCC,                                                        // int3
        0xCC,                                                        // int3

        // data:
        0, 0, 0, 0, 0, 0, 0, 0,                                      // written when the handler is installed
    ];
}
