#include "report/axes.h"

#include <math.h>

enum { TICKS = 5, TICK_SIZE = 12, NAME_SIZE = 13, TITLE_SIZE = 16 };

double okng_axes_x(const okng_axes *plot, double value)
{
    return plot->left + (value - plot->x_low) / (plot->x_high - plot->x_low) * (plot->right - plot->left);
}

double okng_axes_y(const okng_axes *plot, double value)
{
    return plot->bottom - (value - plot->y_low) / (plot->y_high - plot->y_low) * (plot->bottom - plot->top);
}

double okng_axes_step(double span)
{
    double step = pow(10, floor(log10(span / TICKS))), parts = span / TICKS / step;
    return step * (parts > 5 ? 10 : parts > 2 ? 5 : parts > 1 ? 2 : 1);
}

void okng_axes_draw_x(const okng_axes *plot, double step, double factor, const char *name)
{
    for (double n = ceil(plot->x_low / step); n * step <= plot->x_high + step / 100; n++) {
        double x = okng_axes_x(plot, n * step);
        okng_canvas_line(plot->canvas, OKNG_INK_GRID, 1, false, x, plot->top, x, plot->bottom);
        okng_canvas_text(plot->canvas, OKNG_INK_SOFT, TICK_SIZE, OKNG_TEXT_MIDDLE, x, plot->bottom + 18, "%.6g",
                         n * step * factor);
    }
    okng_canvas_text(plot->canvas, OKNG_INK_SOFT, NAME_SIZE, OKNG_TEXT_MIDDLE, (plot->left + plot->right) / 2,
                     plot->bottom + 40, "%s", name);
}

void okng_axes_draw_y(const okng_axes *plot, double step, double factor, const char *name)
{
    for (double n = ceil(plot->y_low / step); n * step <= plot->y_high + step / 100; n++) {
        double y = okng_axes_y(plot, n * step);
        okng_canvas_line(plot->canvas, OKNG_INK_GRID, 1, false, plot->left, y, plot->right, y);
        okng_canvas_text(plot->canvas, OKNG_INK_SOFT, TICK_SIZE, OKNG_TEXT_END, plot->left - 8, y + 4, "%.6g",
                         n * step * factor);
    }
    okng_canvas_text(plot->canvas, OKNG_INK_SOFT, NAME_SIZE, OKNG_TEXT_MIDDLE | OKNG_TEXT_UPWARD, plot->left - 46,
                     (plot->top + plot->bottom) / 2, "%s", name);
}

okng_axes okng_axes_new(double width, double height, const char *title)
{
    okng_axes plot = {okng_canvas_new(width, height, title), 64, width - 20, 52, height - 54, 0, 1, 0, 1};
    okng_canvas_text(plot.canvas, OKNG_INK_TEXT, TITLE_SIZE, OKNG_TEXT_BOLD, 18, 28, "%s", title);
    return plot;
}
