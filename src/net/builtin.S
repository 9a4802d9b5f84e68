/* Weights that are part of the library. */
        .section .rodata
        .balign 64
        .globl  okng_builtin_okng_s
        .hidden okng_builtin_okng_s
        .type   okng_builtin_okng_s, %object
okng_builtin_okng_s:
        .incbin "okng-s.safetensors"
okng_builtin_okng_s_end:
        .size   okng_builtin_okng_s, okng_builtin_okng_s_end - okng_builtin_okng_s
        .balign 8
        .globl  okng_builtin_okng_s_size
        .hidden okng_builtin_okng_s_size
        .type   okng_builtin_okng_s_size, %object
        .size   okng_builtin_okng_s_size, 8
okng_builtin_okng_s_size:
        .quad   okng_builtin_okng_s_end - okng_builtin_okng_s
        .section .note.GNU-stack,"",%progbits
