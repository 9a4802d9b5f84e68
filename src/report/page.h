/* The report: one HTML file that needs nothing else, with the pictures, charts and styles inside. */
#ifndef OKNG_REPORT_PAGE_H
#define OKNG_REPORT_PAGE_H

#include <stdio.h>

#include "image/image.h"

/* A small picture as an encoded file; data NULL where there is none. */
typedef struct okng_thumb {
    void *data; /* WebP, owned */
    size_t size;
    int32_t width, height;
} okng_thumb;

/* ---- thumb.c ---- */
/* Scales a picture so that its longer side is at most OKNG_THUMB_SIDE, and encodes it. */
enum { OKNG_THUMB_SIDE = 192 };
okng_status okng_thumb_new(okng_thumb *thumb, const okng_image *image, okng_error *error);
/* The same for a heat map in grey, in colours from dark blue over red to yellow. */
okng_status okng_thumb_new_heat(okng_thumb *thumb, const okng_image *grey, okng_error *error);

/* ---- page.c ---- */
/* Text in HTML, in and out of attributes. What is no UTF-8 becomes U+FFFD. */
void okng_page_text(FILE *stream, const char *text);
/* The same of lines. */
void okng_page_lines(FILE *stream, const void *text, size_t size);
void okng_page_base64(FILE *stream, const void *data, size_t size);
/* What a page of okng says of itself near its start. */
#define OKNG_PAGE_GENERATOR "<meta name=\"generator\" content=\"okng "
/* From <!DOCTYPE> to the heading, which stands in an open header element; and from within an open footer to the end. */
void okng_page_begin(FILE *stream, const char *title);
void okng_page_end(FILE *stream);

#endif
