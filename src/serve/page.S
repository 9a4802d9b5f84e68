/* The files of the page, as parts of the program. */
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

#define page_file(symbol, path, type) asset okng_page_##symbol, path;
#include "serve/page_files.h"

        .section .note.GNU-stack,"",%progbits
