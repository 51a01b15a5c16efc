// The handler for SIGBUS on arm64 Linux. README.md beside says what it does and what its data look like.
//
// The kernel calls it with x0 = signal, x1 = siginfo, x2 = ucontext, x30 = where to return, and restores every register from the ucontext when it
// returns: all but x30 and sp may be used without being saved. What is passed on finds x0, x1, x2, x30 and sp as the kernel set them.

        .text

        .set    BUS_ADRERR, 2
        .set    SYS_rt_sigaction, 134
        .set    SYS_mmap, 222
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
        ldr     x15, data
        ldr     w3, [x1, #SIGINFO_CODE]
        cmp     w3, #BUS_ADRERR
        b.ne    pass_on
        mov     x19, x0
        mov     x20, x1
        mov     x21, x2
        ldr     x22, [x1, #SIGINFO_ADDRESS]
        mov     w23, #1                         // parts before wholes: a part lies in a whole, and its protection counts

search:
        ldr     x5, [x15, #DATA_FIRST_BLOCK]
block:
        cbz     x5, next_kind
        add     x6, x5, #BLOCK_SLOTS
        mov     w7, #SLOTS_PER_BLOCK
slot:
        ldar    x9, [x6]                        // the sequence: first field
        tbnz    w9, #0, next_slot               // odd: being written, so not in force
        ldr     w10, [x6, #SLOT_IS_PART]
        cmp     w10, w23
        b.ne    next_slot
        ldr     x10, [x6, #SLOT_START]
        cmp     x22, x10
        b.lo    next_slot
        ldr     x1, [x6, #SLOT_END]
        cmp     x22, x1
        b.hs    next_slot
        ldr     x24, [x6, #SLOT_RECORD]
        ldr     w2, [x6, #SLOT_PROTECTION]
        ldr     w11, [x6, #SLOT_PAGE_SHIFT]
        dmb     ishld                           // all of these before the sequence is read again
        ldr     x10, [x6, #SLOT_SEQUENCE]
        cmp     x10, x9
        b.ne    slot                            // written meanwhile: read it again
        b       found
next_slot:
        add     x6, x6, #SLOT_LENGTH
        subs    w7, w7, #1
        b.ne    slot
        ldr     x5, [x5]
        b       block
next_kind:
        subs    w23, w23, #1
        b.eq    search
        b       give_up

found:
        mov     x12, #1
        lsl     x12, x12, x11                   // x12 = page size
        neg     x13, x12                        // x13 = mask of whole pages
        and     x0, x22, x13                    // x0 = the page
        add     x14, x24, #RECORD_LOWEST
lower:
        ldaxr   x9, [x14]
        cmp     x0, x9                          // recorded before it is replaced: who reads zeros finds the record
        b.hs    count
        stlxr   w10, x0, [x14]
        cbnz    w10, lower
count:
        ldaxr   x9, [x24]                       // the faults: first field of the record
        add     x10, x9, #1
        stlxr   w11, x10, [x24]
        cbnz    w11, count
        add     x1, x1, x12
        sub     x1, x1, #1
        and     x1, x1, x13
        sub     x1, x1, x0                      // x1 = the whole tail
        ldr     x10, [x15, #DATA_SINGLE_FAULTS]
        mov     x25, x0
        cmp     x9, x10
        b.hs    replace
one_page:
        mov     x1, x12
replace:
        mov     x0, x25
        mov     w3, #MAP_PRIVATE_FIXED_ANONYMOUS_NORESERVE
        mov     x4, #-1
        mov     x5, #0
        mov     w8, #SYS_mmap
        svc     #0                              // keeps all but x0; errno is untouched
        cmn     x0, #4095
        b.hs    refused
        ret
refused:
        cmp     x1, x12                         // so much at once is refused where memory is promised strictly
        b.ne    one_page

give_up:
        mov     x0, x19
        mov     x1, x20
        mov     x2, x21
pass_on:
        ldr     x9, [x15, #DATA_PREVIOUS]
        cmp     x9, #1                          // SIG_DFL or SIG_IGN: neither is an address
        b.ls    no_handler
        br      x9
no_handler:
        add     x1, x15, #DATA_ZEROS            // the default action, then the access again
        mov     x2, #0
        mov     x3, #8
        mov     w8, #SYS_rt_sigaction
        svc     #0
        ret

        .balignl 8, 0xd503201f                  // nop
data:
        .quad   0                               // the address of the data, written when the handler is installed
