/* The prompts of share/prompts, which are part of the library. */
        .section .rodata
        .macro  built_in name, file
        .balign 64
        .globl  okng_prompts_\name
        .hidden okng_prompts_\name
        .type   okng_prompts_\name, %object
okng_prompts_\name:
        .incbin "\file"
okng_prompts_\name\()_end:
        .size   okng_prompts_\name, okng_prompts_\name\()_end - okng_prompts_\name
        .balign 8
        .globl  okng_prompts_\name\()_size
        .hidden okng_prompts_\name\()_size
        .type   okng_prompts_\name\()_size, %object
        .size   okng_prompts_\name\()_size, 8
okng_prompts_\name\()_size:
        .quad   okng_prompts_\name\()_end - okng_prompts_\name
        .endm
        built_in a, a.yaml
        built_in b, b.yaml
        .section .note.GNU-stack,"",%progbits
