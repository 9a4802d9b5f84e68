/* A plot's area with two axes. */
#ifndef OKNG_REPORT_PLOT_H
#define OKNG_REPORT_PLOT_H

#include "report/canvas.h"

typedef struct okng_plot {
    okng_canvas *canvas;
    double left, right, top, bottom; /* pixels */
    double x_low, x_high, y_low, y_high;
} okng_plot;

double okng_plot_x(const okng_plot *plot, double value);
double okng_plot_y(const okng_plot *plot, double value);
/* 1, 2 or 5 times a power of ten, so that there are about five of them in the span. */
double okng_plot_step(double span);
/* Grid lines and numbers, shown times `factor`; the name is written along the axis. */
void okng_plot_x_axis(const okng_plot *plot, double step, double factor, const char *name);
void okng_plot_y_axis(const okng_plot *plot, double step, double factor, const char *name);
/* A new canvas with the title written on it and the area of a plot with room for axes. */
okng_plot okng_plot_new(double width, double height, const char *title);

#endif
