/* A drawing as a list of shapes: drawn once, written as SVG (text stays text) and as PNG. */
#ifndef OKNG_REPORT_CANVAS_H
#define OKNG_REPORT_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* Colours by what they are for. Blue and orange are told apart by every kind of colour vision. */
typedef enum okng_ink {
    OKNG_INK_GROUND = 0,
    OKNG_INK_TEXT,
    OKNG_INK_SOFT,
    OKNG_INK_GRID,
    OKNG_INK_GOOD, /* blue: OK pictures, the first series */
    OKNG_INK_BAD,  /* orange: pictures with a defect, the second series */
    OKNG_INK_THIRD,
    OKNG_INK_FOURTH,
    OKNG_INK_FIFTH,
    OKNG_INK_SIXTH,
    OKNG_INKS
} okng_ink;

enum {
    OKNG_TEXT_START = 0,
    OKNG_TEXT_MIDDLE = 1,
    OKNG_TEXT_END = 2,
    OKNG_TEXT_BOLD = 4,
    OKNG_TEXT_UPWARD = 8 /* turned by a quarter */
};

typedef struct okng_canvas okng_canvas; /* in pixels; x to the right, y down; for okng_canvas_free */

/* `title` says what is seen, for those who cannot see it. NULL when memory is out; the other functions accept that, and
 * the writers report it. */
okng_canvas *okng_canvas_new(double width, double height, const char *title);
void okng_canvas_free(okng_canvas *canvas);

void okng_canvas_rect(okng_canvas *canvas, okng_ink ink, double opacity, double x, double y, double width,
                      double height);
void okng_canvas_line(okng_canvas *canvas, okng_ink ink, double stroke, bool dashed, double x1, double y1, double x2,
                      double y2);
void okng_canvas_dot(okng_canvas *canvas, okng_ink ink, double x, double y, double radius);
/* A line through points, given one after the other between begin and end; `opacity` > 0: a filled area. */
void okng_canvas_path_begin(okng_canvas *canvas, okng_ink ink, double stroke, double opacity);
void okng_canvas_path_to(okng_canvas *canvas, double x, double y);
/* `size` in pixels; y is the base line. */
__attribute__((format(printf, 7, 8))) void okng_canvas_text(okng_canvas *canvas, okng_ink ink, double size,
                                                            unsigned style, double x, double y, const char *format,
                                                            ...);

/* An svg element. Alone it is a whole file with its colours; else its colours are classes f0.. and s0.. of the page. */
okng_status okng_canvas_svg(const okng_canvas *canvas, bool alone, FILE *stream, okng_error *error);
okng_status okng_canvas_svg_file(const okng_canvas *canvas, const char *path, okng_error *error);
/* At `scale` times the size. UNSUPPORTED where cairo is not installed; without a font there is no text in it. */
okng_status okng_canvas_png_file(const okng_canvas *canvas, double scale, const char *path, okng_error *error);
/* Whether PNG can be written here: cairo is installed. Errors: MEMORY, and UNSUPPORTED where it cannot be loaded. */
okng_status okng_canvas_has_png(bool *has, okng_error *error);

#endif
