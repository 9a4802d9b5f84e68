/* A plot's area with two axes. */
#ifndef OKNG_REPORT_AXES_H
#define OKNG_REPORT_AXES_H

#include "report/canvas.h"

typedef struct okng_axes {
    okng_canvas *canvas;
    double left, right, top, bottom; /* pixels */
    double x_low, x_high, y_low, y_high;
} okng_axes;

double okng_axes_x(const okng_axes *plot, double value);
double okng_axes_y(const okng_axes *plot, double value);
/* 1, 2 or 5 times a power of ten, so that there are about five of them in the span. */
double okng_axes_step(double span);
/* Grid lines and numbers, shown times `factor`; the name is written along the axis. */
void okng_axes_draw_x(const okng_axes *plot, double step, double factor, const char *name);
void okng_axes_draw_y(const okng_axes *plot, double step, double factor, const char *name);
/* A new canvas with the title written on it and the area of a plot with room for axes. */
okng_axes okng_axes_new(double width, double height, const char *title);

#endif
