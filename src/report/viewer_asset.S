/* Style and script of the viewer, which are part of the library. */
        .section .rodata
        .balign 64
        .globl  okng_viewer_css
        .hidden okng_viewer_css
        .type   okng_viewer_css, %object
okng_viewer_css:
        .incbin "viewer.css"
okng_viewer_css_end:
        .size   okng_viewer_css, okng_viewer_css_end - okng_viewer_css
        .globl  okng_viewer_js
        .hidden okng_viewer_js
        .type   okng_viewer_js, %object
okng_viewer_js:
        .incbin "viewer.js"
okng_viewer_js_end:
        .size   okng_viewer_js, okng_viewer_js_end - okng_viewer_js
        .balign 8
        .globl  okng_viewer_css_size
        .hidden okng_viewer_css_size
        .type   okng_viewer_css_size, %object
        .size   okng_viewer_css_size, 8
okng_viewer_css_size:
        .quad   okng_viewer_css_end - okng_viewer_css
        .globl  okng_viewer_js_size
        .hidden okng_viewer_js_size
        .type   okng_viewer_js_size, %object
        .size   okng_viewer_js_size, 8
okng_viewer_js_size:
        .quad   okng_viewer_js_end - okng_viewer_js
        .section .note.GNU-stack,"",%progbits
