namespace MemoryPages.Platform.Linux.Survival;

/// <content>Written by eng/bus-error-handler/assemble from arm64.s, where the instructions are explained: change that, not this.</content>
internal static partial class BusErrorCode
{
    /// <summary>The handler for arm64.</summary>
    internal static ReadOnlySpan<byte> Arm64 =>
    [
        0x0F, 0x0B, 0x00, 0x58,                                      // ldr x15, data
        0x23, 0x08, 0x40, 0xB9,                                      // ldr w3, [x1, #8]
        0x7F, 0x08, 0x00, 0x71,                                      // cmp w3, #2
        0x41, 0x09, 0x00, 0x54,                                      // b.ne pass_on
        0xF3, 0x03, 0x00, 0xAA,                                      // mov x19, x0
        0xF4, 0x03, 0x01, 0xAA,                                      // mov x20, x1
        0xF5, 0x03, 0x02, 0xAA,                                      // mov x21, x2
        0x36, 0x08, 0x40, 0xF9,                                      // ldr x22, [x1, #16]
        0x37, 0x00, 0x80, 0x52,                                      // mov w23, #1

        // search:
        0xE5, 0x05, 0x40, 0xF9,                                      // ldr x5, [x15, #8]

        // block:
        0x65, 0x03, 0x00, 0xB4,                                      // cbz x5, next_kind
        0xA6, 0x00, 0x01, 0x91,                                      // add x6, x5, #64
        0xE7, 0x07, 0x80, 0x52,                                      // mov w7, #63

        // slot:
        0xC9, 0xFC, 0xDF, 0xC8,                                      // ldar x9, [x6]
        0x49, 0x02, 0x00, 0x37,                                      // tbnz w9, #0, next_slot
        0xCA, 0x28, 0x40, 0xB9,                                      // ldr w10, [x6, #40]
        0x5F, 0x01, 0x17, 0x6B,                                      // cmp w10, w23
        0xE1, 0x01, 0x00, 0x54,                                      // b.ne next_slot
        0xCA, 0x04, 0x40, 0xF9,                                      // ldr x10, [x6, #8]
        0xDF, 0x02, 0x0A, 0xEB,                                      // cmp x22, x10
        0x83, 0x01, 0x00, 0x54,                                      // b.lo next_slot
        0xC1, 0x08, 0x40, 0xF9,                                      // ldr x1, [x6, #16]
        0xDF, 0x02, 0x01, 0xEB,                                      // cmp x22, x1
        0x22, 0x01, 0x00, 0x54,                                      // b.hs next_slot
        0xD8, 0x0C, 0x40, 0xF9,                                      // ldr x24, [x6, #24]
        0xC2, 0x20, 0x40, 0xB9,                                      // ldr w2, [x6, #32]
        0xCB, 0x24, 0x40, 0xB9,                                      // ldr w11, [x6, #36]
        0xBF, 0x39, 0x03, 0xD5,                                      // dmb ishld
        0xCA, 0x00, 0x40, 0xF9,                                      // ldr x10, [x6]
        0x5F, 0x01, 0x09, 0xEB,                                      // cmp x10, x9
        0xE1, 0xFD, 0xFF, 0x54,                                      // b.ne slot
        0x09, 0x00, 0x00, 0x14,                                      // b found

        // next_slot:
        0xC6, 0x00, 0x01, 0x91,                                      // add x6, x6, #64
        0xE7, 0x04, 0x00, 0x71,                                      // subs w7, w7, #1
        0x61, 0xFD, 0xFF, 0x54,                                      // b.ne slot
        0xA5, 0x00, 0x40, 0xF9,                                      // ldr x5, [x5]
        0xE6, 0xFF, 0xFF, 0x17,                                      // b block

        // next_kind:
        0xF7, 0x06, 0x00, 0x71,                                      // subs w23, w23, #1
        0x60, 0xFC, 0xFF, 0x54,                                      // b.eq search
        0x23, 0x00, 0x00, 0x14,                                      // b give_up

        // found:
        0x2C, 0x00, 0x80, 0xD2,                                      // mov x12, #1
        0x8C, 0x21, 0xCB, 0x9A,                                      // lsl x12, x12, x11
        0xED, 0x03, 0x0C, 0xCB,                                      // neg x13, x12
        0xC0, 0x02, 0x0D, 0x8A,                                      // and x0, x22, x13
        0x0E, 0x23, 0x00, 0x91,                                      // add x14, x24, #8

        // lower:
        0xC9, 0xFD, 0x5F, 0xC8,                                      // ldaxr x9, [x14]
        0x1F, 0x00, 0x09, 0xEB,                                      // cmp x0, x9
        0x62, 0x00, 0x00, 0x54,                                      // b.hs count
        0xC0, 0xFD, 0x0A, 0xC8,                                      // stlxr w10, x0, [x14]
        0x8A, 0xFF, 0xFF, 0x35,                                      // cbnz w10, lower

        // count:
        0x09, 0xFF, 0x5F, 0xC8,                                      // ldaxr x9, [x24]
        0x2A, 0x05, 0x00, 0x91,                                      // add x10, x9, #1
        0x0A, 0xFF, 0x0B, 0xC8,                                      // stlxr w11, x10, [x24]
        0xAB, 0xFF, 0xFF, 0x35,                                      // cbnz w11, count
        0x21, 0x00, 0x0C, 0x8B,                                      // add x1, x1, x12
        0x21, 0x04, 0x00, 0xD1,                                      // sub x1, x1, #1
        0x21, 0x00, 0x0D, 0x8A,                                      // and x1, x1, x13
        0x21, 0x00, 0x00, 0xCB,                                      // sub x1, x1, x0
        0xEA, 0x09, 0x40, 0xF9,                                      // ldr x10, [x15, #16]
        0xF9, 0x03, 0x00, 0xAA,                                      // mov x25, x0
        0x3F, 0x01, 0x0A, 0xEB,                                      // cmp x9, x10
        0x42, 0x00, 0x00, 0x54,                                      // b.hs replace

        // one_page:
        0xE1, 0x03, 0x0C, 0xAA,                                      // mov x1, x12

        // replace:
        0xE0, 0x03, 0x19, 0xAA,                                      // mov x0, x25
        0x43, 0x06, 0x88, 0x52,                                      // mov w3, #16434
        0x04, 0x00, 0x80, 0x92,                                      // mov x4, #-1
        0x05, 0x00, 0x80, 0xD2,                                      // mov x5, #0
        0xC8, 0x1B, 0x80, 0x52,                                      // mov w8, #222
        0x01, 0x00, 0x00, 0xD4,                                      // svc #0
        0x1F, 0xFC, 0x3F, 0xB1,                                      // cmn x0, #4095
        0x42, 0x00, 0x00, 0x54,                                      // b.hs refused
        0xC0, 0x03, 0x5F, 0xD6,                                      // ret

        // refused:
        0x3F, 0x00, 0x0C, 0xEB,                                      // cmp x1, x12
        0xA1, 0xFE, 0xFF, 0x54,                                      // b.ne one_page

        // give_up:
        0xE0, 0x03, 0x13, 0xAA,                                      // mov x0, x19
        0xE1, 0x03, 0x14, 0xAA,                                      // mov x1, x20
        0xE2, 0x03, 0x15, 0xAA,                                      // mov x2, x21

        // pass_on:
        0xE9, 0x01, 0x40, 0xF9,                                      // ldr x9, [x15]
        0x3F, 0x05, 0x00, 0xF1,                                      // cmp x9, #1
        0x49, 0x00, 0x00, 0x54,                                      // b.ls no_handler
        0x20, 0x01, 0x1F, 0xD6,                                      // br x9

        // no_handler:
        0xE1, 0x61, 0x00, 0x91,                                      // add x1, x15, #24
        0x02, 0x00, 0x80, 0xD2,                                      // mov x2, #0
        0x03, 0x01, 0x80, 0xD2,                                      // mov x3, #8
        0xC8, 0x10, 0x80, 0x52,                                      // mov w8, #134
        0x01, 0x00, 0x00, 0xD4,                                      // svc #0
        0xC0, 0x03, 0x5F, 0xD6,                                      // ret
        0x1F, 0x20, 0x03, 0xD5,                                      // nop

        // data:
        0, 0, 0, 0, 0, 0, 0, 0,                                      // written when the handler is installed
    ];
}
