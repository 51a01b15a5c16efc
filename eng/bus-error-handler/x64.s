# The handler for SIGBUS on x86-64 Linux. README.md beside says what it does and what its data look like.
#
# The kernel calls it with rdi = signal, rsi = siginfo, rdx = ucontext, and restores every register from the ucontext when it returns: all of
# them may be used without being saved. The stack is not touched at all. What is passed on finds rdi, rsi, rdx and rsp as the kernel set them.

        .intel_syntax noprefix
        .text

        .set    BUS_ADRERR, 2
        .set    SYS_mmap, 9
        .set    SYS_rt_sigaction, 13
        .set    MAP_PRIVATE_FIXED_ANONYMOUS_NORESERVE, 0x4032

        .set    SIGINFO_CODE, 8
        .set    SIGINFO_ADDRESS, 16

        .set    DATA_PREVIOUS, 0
        .set    DATA_FIRST_BLOCK, 8
        .set    DATA_SINGLE_FAULTS, 16
        .set    DATA_ZEROS, 24

        .set    BLOCK_SLOTS, 64
        .set    SLOTS_PER_BLOCK, 63
        .set    SLOT_LENGTH, 64
        .set    SLOT_SEQUENCE, 0
        .set    SLOT_START, 8
        .set    SLOT_END, 16
        .set    SLOT_RECORD, 24
        .set    SLOT_PROTECTION, 32
        .set    SLOT_PAGE_SHIFT, 36
        .set    SLOT_IS_PART, 40
        .set    RECORD_FAULTS, 0
        .set    RECORD_LOWEST, 8

handler:
        mov     r15, qword ptr [rip + data]
        cmp     dword ptr [rsi + SIGINFO_CODE], BUS_ADRERR
        jne     pass_on
        mov     r12, rdi
        mov     r13, rsi
        mov     r14, rdx
        mov     rbx, qword ptr [rsi + SIGINFO_ADDRESS]
        mov     ebp, 1                          # parts before wholes: a part lies in a whole, and its protection counts

search:
        mov     r9, qword ptr [r15 + DATA_FIRST_BLOCK]
block:
        test    r9, r9
        jz      next_kind
        lea     r10, [r9 + BLOCK_SLOTS]
        mov     ecx, SLOTS_PER_BLOCK
slot:
        mov     rax, qword ptr [r10 + SLOT_SEQUENCE]
        test    al, 1                           # odd: being written, so not in force
        jnz     next_slot
        cmp     ebp, dword ptr [r10 + SLOT_IS_PART]
        jne     next_slot
        cmp     rbx, qword ptr [r10 + SLOT_START]
        jb      next_slot
        mov     rsi, qword ptr [r10 + SLOT_END]
        cmp     rbx, rsi
        jae     next_slot
        mov     r8, qword ptr [r10 + SLOT_RECORD]
        mov     edx, dword ptr [r10 + SLOT_PROTECTION]
        mov     r11d, dword ptr [r10 + SLOT_PAGE_SHIFT]
        cmp     rax, qword ptr [r10 + SLOT_SEQUENCE]
        jne     slot                            # written meanwhile: read it again
        jmp     found
next_slot:
        add     r10, SLOT_LENGTH
        dec     ecx
        jnz     slot
        mov     r9, qword ptr [r9]
        jmp     block
next_kind:
        dec     ebp
        jz      search
        jmp     give_up

found:
        mov     ecx, r11d
        mov     ebp, 1
        shl     rbp, cl                         # rbp = page size
        mov     rcx, rbp
        neg     rcx                             # rcx = mask of whole pages
        mov     rdi, rbx
        and     rdi, rcx                        # rdi = the page
        mov     rax, qword ptr [r8 + RECORD_LOWEST]
lower:
        cmp     rdi, rax                        # recorded before it is replaced: who reads zeros finds the record
        jae     count
        lock cmpxchg qword ptr [r8 + RECORD_LOWEST], rdi
        jne     lower
count:
        mov     eax, 1
        lock xadd qword ptr [r8 + RECORD_FAULTS], rax
        lea     rsi, [rsi + rbp - 1]
        and     rsi, rcx
        sub     rsi, rdi                        # rsi = the whole tail
        cmp     rax, qword ptr [r15 + DATA_SINGLE_FAULTS]
        jae     replace
one_page:
        mov     rsi, rbp
replace:
        mov     r10d, MAP_PRIVATE_FIXED_ANONYMOUS_NORESERVE
        mov     r8, -1
        xor     r9d, r9d
        mov     eax, SYS_mmap
        syscall                                 # keeps rdi, rsi, rdx; errno is untouched
        cmp     rax, -4095
        jae     refused
        ret
refused:
        cmp     rsi, rbp                        # so much at once is refused where memory is promised strictly
        jne     one_page

give_up:
        mov     rdi, r12
        mov     rsi, r13
        mov     rdx, r14
pass_on:
        mov     rax, qword ptr [r15 + DATA_PREVIOUS]
        cmp     rax, 1                          # SIG_DFL or SIG_IGN: neither is an address
        jbe     no_handler
        jmp     rax
no_handler:
        lea     rsi, [r15 + DATA_ZEROS]         # the default action, then the access again
        xor     edx, edx
        mov     r10d, 8
        mov     eax, SYS_rt_sigaction
        syscall
        ret

        .p2align 3, 0xcc
data:
        .quad   0                               # the address of the data, written when the handler is installed
