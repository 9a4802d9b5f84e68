/* The letters of labels, drawn by tools/make_label_font.py. */
        .section .rodata
        .balign 64
        .globl  okng_label_font
        .hidden okng_label_font
        .type   okng_label_font, %object
okng_label_font:
        .incbin "label_font.txt"
        .size   okng_label_font, . - okng_label_font
        .section .note.GNU-stack,"",%progbits
