/* ROC and PRO curves. */
#include <math.h>

#include "report/axes.h"
#include "report/figures.h"

enum { WIDTH = 560, HEIGHT = 420, LABEL = 15, LINE = 22 };

static const double pro_limit = 0.3, pro_strict = 0.05;

/* The curve up to `limit`, cut there by a straight line between its neighbours. */
static void follow(const okng_axes *plot, const okng_curve *curve, double limit)
{
    for (size_t i = 0; i < curve->count; i++) {
        const struct okng_curve_point *at = &curve->points[i];
        if (at->x > limit) {
            const struct okng_curve_point *before = i > 0 ? at - 1 : at;
            double part = at->x > before->x ? (limit - before->x) / (at->x - before->x) : 0;
            okng_canvas_path_to(plot->canvas, okng_axes_x(plot, limit),
                                okng_axes_y(plot, before->y + part * (at->y - before->y)));
            return;
        }
        okng_canvas_path_to(plot->canvas, okng_axes_x(plot, at->x), okng_axes_y(plot, at->y));
    }
}

static void draw_curve(const okng_axes *plot, const okng_curve *curve, okng_ink ink, double limit)
{
    if (curve->count == 0) return;
    okng_canvas_path_begin(plot->canvas, ink, 2.5, 0);
    follow(plot, curve, limit);
}

/* A line of the legend, inside the plot's lower right corner; line 0 is the lowest. */
static void label(const okng_axes *plot, int line, okng_ink ink, const char *name, double share)
{
    double x = plot->right - 14, y = plot->bottom - 16 - line * LINE;
    if (isnan(share))
        okng_canvas_text(plot->canvas, ink, LABEL, OKNG_TEXT_END | OKNG_TEXT_BOLD, x, y, "%s", name);
    else
        okng_canvas_text(plot->canvas, ink, LABEL, OKNG_TEXT_END | OKNG_TEXT_BOLD, x, y, "%s %.2f %%", name,
                         100 * share);
}

/* What the threshold in use finds, as a point of the curve of pictures. */
static void draw_threshold(const okng_axes *plot, const okng_category_figures *figures)
{
    double bad = figures->values[OKNG_FIGURE_DEFECTS], good = figures->values[OKNG_FIGURE_TEST_IMAGES] - bad;
    double found = figures->values[OKNG_FIGURE_FOUND], alarms = figures->values[OKNG_FIGURE_FALSE_ALARMS];
    if (!(bad > 0 && good > 0 && found <= bad && alarms <= good)) return;
    double x = okng_axes_x(plot, alarms / good), y = okng_axes_y(plot, found / bad);
    okng_canvas_dot(plot->canvas, OKNG_INK_GROUND, x, y, 7);
    okng_canvas_dot(plot->canvas, OKNG_INK_TEXT, x, y, 5);
    okng_canvas_text(plot->canvas, OKNG_INK_TEXT, 13, OKNG_TEXT_END, plot->right - 14, plot->bottom - 16 - 2 * LINE,
                     "\xe2\x97\x8f threshold: %.0f of %.0f found, %.0f of %.0f false alarms", found, bad, alarms, good);
}

okng_canvas *okng_figure_roc(const okng_category_figures *figures)
{
    char title[OKNG_LABEL_MAX + 32];
    (void)snprintf(title, sizeof title, "ROC: %s", figures->name);
    okng_axes plot = okng_axes_new(WIDTH, HEIGHT, title);
    okng_axes_draw_y(&plot, 0.2, 100, "found (%)");
    okng_axes_draw_x(&plot, 0.2, 100, "false alarms (%)");
    okng_canvas_line(plot.canvas, OKNG_INK_SOFT, 1, true, plot.left, plot.bottom, plot.right, plot.top);
    draw_curve(&plot, &figures->pixel_roc, OKNG_INK_BAD, 1);
    draw_curve(&plot, &figures->image_roc, OKNG_INK_GOOD, 1);
    if (figures->image_roc.count > 0) draw_threshold(&plot, figures);
    if (figures->image_roc.count > 0)
        label(&plot, 1, OKNG_INK_GOOD, "pictures: AUROC", figures->values[OKNG_FIGURE_IMAGE_AUROC]);
    if (figures->pixel_roc.count > 0)
        label(&plot, 0, OKNG_INK_BAD, "pixels: AUROC", figures->values[OKNG_FIGURE_PIXEL_AUROC]);
    return plot.canvas;
}

static void shade(const okng_axes *plot, const okng_curve *curve, double limit, double opacity)
{
    okng_canvas_path_begin(plot->canvas, OKNG_INK_GOOD, 0, opacity);
    okng_canvas_path_to(plot->canvas, okng_axes_x(plot, 0), okng_axes_y(plot, 0));
    follow(plot, curve, limit);
    okng_canvas_path_to(plot->canvas, okng_axes_x(plot, limit), okng_axes_y(plot, 0));
}

okng_canvas *okng_figure_pro(const okng_category_figures *figures)
{
    char title[OKNG_LABEL_MAX + 32];
    (void)snprintf(title, sizeof title, "Per-region overlap: %s", figures->name);
    okng_axes plot = okng_axes_new(WIDTH, HEIGHT, title);
    plot.x_high = pro_limit;
    if (figures->pro.count > 0) {
        shade(&plot, &figures->pro, pro_limit, 0.10);
        shade(&plot, &figures->pro, pro_strict, 0.16);
    }
    okng_axes_draw_y(&plot, 0.2, 100, "mean overlap of defect regions (%)");
    okng_axes_draw_x(&plot, 0.05, 100, "false-positive rate of pixels (%)");
    double strict = okng_axes_x(&plot, pro_strict);
    okng_canvas_line(plot.canvas, OKNG_INK_SOFT, 1, true, strict, plot.top, strict, plot.bottom);
    draw_curve(&plot, &figures->pro, OKNG_INK_GOOD, pro_limit);
    label(&plot, 1, OKNG_INK_TEXT, "AU-PRO up to 30 %:", figures->values[OKNG_FIGURE_AUPRO_30]);
    label(&plot, 0, OKNG_INK_TEXT, "AU-PRO up to 5 %:", figures->values[OKNG_FIGURE_AUPRO_05]);
    return plot.canvas;
}
