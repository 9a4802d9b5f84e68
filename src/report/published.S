/* Published figures that are part of the library. */
        .section .rodata
        .balign 64
        .globl  okng_published_csv
        .hidden okng_published_csv
        .type   okng_published_csv, %object
okng_published_csv:
        .incbin "published.csv"
okng_published_csv_end:
        .size   okng_published_csv, okng_published_csv_end - okng_published_csv
        .balign 8
        .globl  okng_published_csv_size
        .hidden okng_published_csv_size
        .type   okng_published_csv_size, %object
        .size   okng_published_csv_size, 8
okng_published_csv_size:
        .quad   okng_published_csv_end - okng_published_csv
        .section .note.GNU-stack,"",%progbits
