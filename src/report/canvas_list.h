/* The shapes of a canvas, for those that write them. */
#ifndef OKNG_REPORT_CANVAS_LIST_H
#define OKNG_REPORT_CANVAS_LIST_H

#include "report/canvas.h"

typedef enum okng_shape_kind {
    OKNG_SHAPE_RECT,
    OKNG_SHAPE_LINE,
    OKNG_SHAPE_DOT,
    OKNG_SHAPE_PATH,
    OKNG_SHAPE_TEXT
} okng_shape_kind;

typedef struct okng_point {
    double x, y;
} okng_point;

typedef struct okng_shape {
    okng_shape_kind kind;
    okng_ink ink;
    double opacity; /* of a path: 0 = a line */
    double stroke;
    bool dashed;
    okng_point from, to; /* rect: corner and size; line: its ends; dot, text: place, and radius or size in to.x */
    size_t first, count; /* of a path: its points */
    unsigned style;
    char *text;
} okng_shape;

struct okng_canvas {
    double width, height;
    char *title;
    okng_shape *shapes;
    size_t count, capacity;
    okng_point *points;
    size_t point_count, point_capacity;
    bool failed; /* memory was out */
};

extern const unsigned okng_ink_rgb[OKNG_INKS]; /* 0xRRGGBB on a light ground */

#endif
