/* Bars: categories, experiments, stages. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "report/figures.h"

enum { PANEL = 190, ROW = 26, TOP = 84, BOTTOM = 40, GAP = 26, VALUE = 52, MAX_LABEL = 34 };

static double label_width(const char *const *labels, size_t count)
{
    size_t longest = 6;
    for (size_t i = 0; i < count; i++)
        if (strlen(labels[i]) > longest) longest = strlen(labels[i]);
    return 30 + 7.6 * (double)(longest > MAX_LABEL ? MAX_LABEL : longest);
}

/* Areas under curves begin at one half, which is guessing, where all are better than that. */
static double lowest(const double *values, size_t count, size_t columns)
{
    for (size_t i = 0; i < count * columns; i++)
        if (values[i] < 0.5) return 0;
    return 0.5;
}

static void draw_panel(okng_canvas *canvas, okng_figure_id column, double left, const double *values, size_t stride,
                       size_t count, double low, bool first)
{
    double bottom = TOP + ROW * (double)count, width = PANEL - VALUE;
    okng_canvas_text(canvas, OKNG_INK_TEXT, 13, OKNG_TEXT_BOLD, left, TOP - 30, "%s (%%)",
                     okng_figures[column].heading);
    for (int tick = 0; tick <= 2; tick++) {
        double x = left + width * tick / 2;
        okng_canvas_line(canvas, OKNG_INK_GRID, 1, false, x, TOP - 4, x, bottom);
        okng_canvas_text(canvas, OKNG_INK_SOFT, 11, OKNG_TEXT_MIDDLE, x, TOP - 10, "%g",
                         100 * (low + (1 - low) * tick / 2));
    }
    for (size_t i = 0; i < count; i++) {
        double value = values[i * stride], y = TOP + ROW * (double)i;
        if (isnan(value)) {
            okng_canvas_text(canvas, OKNG_INK_SOFT, 13, 0, left + 4, y + 18, "\xe2\x80\x93");
            continue;
        }
        double length = fmax(1, (fmin(value, 1) - low) / (1 - low) * width);
        okng_canvas_rect(canvas, first ? OKNG_INK_GOOD : OKNG_INK_FIFTH, 1, left, y + 5, length, ROW - 10);
        okng_canvas_text(canvas, OKNG_INK_TEXT, 13, 0, left + length + 6, y + 18, value >= 0.9995 ? "%.0f" : "%.1f",
                         100 * value);
    }
}

/* A row per label, a panel per column of figures: values [count, columns], NaN is drawn as missing. The label of
 * row `bold` is bold (SIZE_MAX: none). */
static okng_canvas *draw_bars(const char *title, const char *const *labels, size_t count, const okng_figure_id *columns,
                              size_t column_count, const double *values, size_t bold)
{
    double left = label_width(labels, count), low = lowest(values, count, column_count);
    double width = left + (double)column_count * (PANEL + GAP), height = TOP + ROW * (double)count + BOTTOM;
    okng_canvas *canvas = okng_canvas_new(width, height, title);
    okng_canvas_text(canvas, OKNG_INK_TEXT, 16, OKNG_TEXT_BOLD, 18, 28, "%s", title);
    for (size_t i = 0; i < count; i++)
        okng_canvas_text(canvas, OKNG_INK_TEXT, 13, OKNG_TEXT_END | (i == bold ? OKNG_TEXT_BOLD : 0), left - 12,
                         TOP + ROW * (double)i + 18, "%.*s", okng_utf8_cut(labels[i], MAX_LABEL), labels[i]);
    for (size_t c = 0; c < column_count; c++)
        draw_panel(canvas, columns[c], left + (double)c * (PANEL + GAP), values + c, column_count, count, low, c == 0);
    okng_canvas_text(canvas, OKNG_INK_SOFT, 12, 0, 18, height - 14, "%s",
                     low > 0 ? "Bars begin at 50 %, which for AUROC is guessing." : "Bars begin at 0 %.");
    return canvas;
}

/* ---- experiments and their categories ---- */

/* The figures of the chart that at least one row has. */
static size_t shown_columns(const double *const *rows, size_t count, okng_figure_id columns[OKNG_FIGURES])
{
    size_t shown = 0;
    for (int column = 0; column < OKNG_FIGURES; column++) {
        bool any = false;
        for (size_t i = 0; i < count; i++) any = any || !isnan(rows[i][column]);
        if (any && okng_figures[column].shown & OKNG_SHOWN_CHART) columns[shown++] = (okng_figure_id)column;
    }
    return shown;
}

static okng_canvas *draw_rows(const char *title, const char *const *labels, const double *const *rows, size_t count,
                              size_t bold)
{
    okng_figure_id columns[OKNG_FIGURES];
    size_t shown = shown_columns(rows, count, columns);
    double *values = okng_alloc(count * shown, sizeof *values);
    for (size_t i = 0; values && i < count; i++)
        for (size_t c = 0; c < shown; c++) values[i * shown + c] = rows[i][columns[c]];
    okng_canvas *canvas = values ? draw_bars(title, labels, count, columns, shown, values, bold) : NULL;
    free(values);
    return canvas;
}

okng_canvas *okng_figure_categories(const okng_results *experiment)
{
    size_t count = experiment->count + 1;
    const char **labels = okng_alloc(count, sizeof *labels);
    const double **rows = okng_alloc(count, sizeof *rows);
    okng_canvas *canvas = NULL;
    if (labels && rows) {
        for (size_t i = 0; i + 1 < count; i++) {
            labels[i] = experiment->categories[i]->name;
            rows[i] = experiment->categories[i]->values;
        }
        labels[count - 1] = "mean";
        rows[count - 1] = experiment->mean;
        canvas = draw_rows("Categories", labels, rows, count, count - 1);
    }
    free(labels);
    free(rows);
    return canvas;
}

okng_canvas *okng_figure_experiments(const okng_results *experiments, size_t count)
{
    const char **labels = okng_alloc_zero(count, sizeof *labels);
    const double **rows = okng_alloc(count, sizeof *rows);
    char *texts = okng_alloc(count, MAX_LABEL + 1);
    okng_canvas *canvas = NULL;
    for (size_t i = 0; labels && rows && texts && i < count; i++) {
        const okng_category_figures *first = experiments[i].categories[0];
        (void)snprintf(texts + i * (MAX_LABEL + 1), MAX_LABEL + 1, "%.*s, %.*s", okng_utf8_cut(first->dataset, 12),
                       first->dataset, okng_utf8_cut(first->experiment, MAX_LABEL - 14), first->experiment);
        labels[i] = texts + i * (MAX_LABEL + 1);
        rows[i] = experiments[i].mean;
    }
    if (labels && rows && texts)
        canvas = draw_rows("Experiments, mean over their categories", labels, rows, count, SIZE_MAX);
    free(labels);
    free(rows);
    free(texts);
    return canvas;
}

/* ---- stages ---- */

enum { STAGES_WIDTH = 860, STAGES_HEIGHT = 150 };

static double total_of_stages(const double values[OKNG_FIGURES])
{
    double total = 0;
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (okng_figures[i].group == OKNG_GROUP_STAGES && values[i] > 0) total += values[i];
    return total;
}

bool okng_figure_has_stages(const double values[OKNG_FIGURES])
{
    double total = total_of_stages(values);
    return total > 0 && total < INFINITY;
}

okng_canvas *okng_figure_stages(const double values[OKNG_FIGURES])
{
    if (!okng_figure_has_stages(values)) return NULL;
    double total = total_of_stages(values);
    okng_canvas *canvas = okng_canvas_new(STAGES_WIDTH, STAGES_HEIGHT, "Time of one picture by stage");
    okng_canvas_text(canvas, OKNG_INK_TEXT, 16, OKNG_TEXT_BOLD, 18, 28, "Time of one picture: %.1f ms in all", total);
    double x = 18, scale = (STAGES_WIDTH - 36) / total, legend = 18;
    for (int i = 0, stage = 0; i < OKNG_FIGURES; i++) {
        if (okng_figures[i].group != OKNG_GROUP_STAGES) continue;
        okng_ink ink = (okng_ink)(OKNG_INK_GOOD + stage++);
        if (!(values[i] > 0)) continue;
        okng_canvas_rect(canvas, ink, 1, x, 46, fmax(values[i] * scale - 2, 0.5), 42);
        x += values[i] * scale;
        okng_canvas_rect(canvas, ink, 1, legend, 107, 12, 12);
        char label[64];
        int length = snprintf(label, sizeof label, "%s %.1f ms", okng_figures[i].member, values[i]);
        okng_canvas_text(canvas, OKNG_INK_TEXT, 13, 0, legend + 18, 118, "%s", label);
        legend += 36 + 7.3 * length;
    }
    return canvas;
}
