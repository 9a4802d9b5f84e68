/* Style and script of tune.html, as parts of the library. */
        .macro asset name, file
        .section .rodata
        .balign 64
        .globl  \name
        .hidden \name
        .type   \name, %object
\name:
        .incbin "\file"
\name\()_end:
        .size   \name, \name\()_end - \name
        .balign 8
        .globl  \name\()_size
        .hidden \name\()_size
        .type   \name\()_size, %object
        .size   \name\()_size, 8
\name\()_size:
        .quad   \name\()_end - \name
        .endm

        asset okng_tune_css, tune.css
        asset okng_tune_js, tune.js
        .section .note.GNU-stack,"",%progbits
