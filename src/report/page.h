/* The report: one HTML file that needs nothing else, with the pictures, charts and styles inside. */
#ifndef OKNG_REPORT_PAGE_H
#define OKNG_REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "image/image.h"

enum { OKNG_EVAL_PICTURE = 0, OKNG_EVAL_HEAT, OKNG_EVAL_MASK, OKNG_EVAL_TRUTH, OKNG_EVAL_THUMBS };

/* A small picture as an encoded file; data NULL where there is none. */
typedef struct okng_thumb {
    void *data; /* WebP, owned */
    size_t size;
    int32_t width, height;
} okng_thumb;

typedef struct okng_eval_picture {
    char *name; /* below test/, owned */
    bool bad;   /* what it is */
    bool ng;    /* what it was taken for */
    float score;
    double milliseconds;
    okng_thumb thumbs[OKNG_EVAL_THUMBS];
} okng_eval_picture;

typedef struct okng_eval_category {
    char *name;
    okng_eval_picture *pictures; /* owned */
    size_t count;
    float threshold;                 /* an image is NG above it */
    double image_auroc, pixel_auroc; /* NaN where one kind is missing */
    double milliseconds;             /* for a picture, mean */
    uint64_t learned;                /* OK pictures */
} okng_eval_category;

/* ---- thumb.c ---- */
/* Scales a picture so that its longer side is at most OKNG_THUMB_SIDE, and encodes it; a mask stays black and white. */
enum { OKNG_THUMB_SIDE = 192 };
okng_status okng_thumb_new(okng_thumb *thumb, const okng_image *image, bool mask, okng_error *error);
/* The same for a heat map in grey, in colours from dark blue over red to yellow. */
okng_status okng_thumb_new_heat(okng_thumb *thumb, const okng_image *grey, okng_error *error);

/* ---- chart.c ---- */
/* Inline SVG. The pictures are sorted by descending score. */
okng_status okng_chart_histogram(FILE *stream, const okng_eval_category *category, okng_error *error);
okng_status okng_chart_roc(FILE *stream, const okng_eval_category *category, okng_error *error);

/* ---- page.c ---- */
/* Text in HTML, in and out of attributes. What is no UTF-8 becomes U+FFFD. */
void okng_page_text(FILE *stream, const char *text);
/* The same of lines. */
void okng_page_lines(FILE *stream, const void *text, size_t size);
void okng_page_base64(FILE *stream, const void *data, size_t size);
/* From <!DOCTYPE> to the heading, which stands in an open header element; and from within an open footer to the end. */
void okng_page_begin(FILE *stream, const char *title);
void okng_page_end(FILE *stream);
/* The file appears whole or not at all. The pictures of each category are sorted by descending score. */
okng_status okng_page_write(const char *path, const okng_eval_category *const *categories, size_t count,
                            okng_error *error);

#endif
