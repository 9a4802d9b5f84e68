/* The histogram of scores. */
#include <float.h>
#include <math.h>

#include "report/axes.h"
#include "report/figures.h"

enum { WIDTH = 560, HEIGHT = 420, BINS = 36 };

/* Of the largest score: the six digits of the axis must tell its numbers apart, and doubles step from one to the next.
 */
static const double LEAST_MARGIN = 1e-5;

typedef struct bins {
    unsigned counts[2][BINS], most, totals[2];
    double low, high;
} bins;

static bins count_scores(const okng_score_list *scores)
{
    bins b = {.most = 1, .low = INFINITY, .high = -INFINITY};
    if (!isnan(scores->threshold)) b.low = b.high = scores->threshold;
    for (size_t i = 0; i < scores->count; i++) {
        b.low = fmin(b.low, scores->pictures[i].score);
        b.high = fmax(b.high, scores->pictures[i].score);
    }
    const double largest = fmax(fabs(b.low), fabs(b.high));
    if (!(b.high >= b.low && largest < DBL_MAX / 4)) b.low = b.high = 0; /* no scores, or beyond what doubles hold */
    const double part = (b.high - b.low) / (2 * BINS);
    const double margin = fmax(part > DBL_MIN ? part : 0.5, LEAST_MARGIN * largest);
    b.low -= margin;
    b.high += margin;
    for (size_t i = 0; i < scores->count; i++) {
        double place = (scores->pictures[i].score - b.low) / (b.high - b.low) * BINS;
        int bin = place >= BINS ? BINS - 1 : place > 0 ? (int)place : 0, bad = scores->pictures[i].bad;
        b.counts[bad][bin]++;
        b.totals[bad]++;
        unsigned both = b.counts[0][bin] + b.counts[1][bin];
        if (both > b.most) b.most = both;
    }
    return b;
}

static void draw_bars(const okng_axes *plot, const bins *b)
{
    double width = (plot->right - plot->left) / BINS;
    for (int bin = 0; bin < BINS; bin++) {
        unsigned below = 0;
        for (int bad = 0; bad < 2; bad++) {
            unsigned count = b->counts[bad][bin];
            double top = okng_axes_y(plot, below + count), bottom = okng_axes_y(plot, below);
            if (count > 0)
                okng_canvas_rect(plot->canvas, bad ? OKNG_INK_BAD : OKNG_INK_GOOD, 1, plot->left + bin * width + 0.75,
                                 top, width - 1.5, bottom - top);
            below += count;
        }
    }
}

static void draw_threshold(const okng_axes *plot, double threshold)
{
    double x = okng_axes_x(plot, threshold);
    bool left = x > (plot->left + plot->right) / 2;
    okng_canvas_line(plot->canvas, OKNG_INK_TEXT, 1.5, true, x, plot->top - 4, x, plot->bottom);
    okng_canvas_text(plot->canvas, OKNG_INK_TEXT, 13, OKNG_TEXT_BOLD | (left ? OKNG_TEXT_END : OKNG_TEXT_START),
                     x + (left ? -7 : 7), plot->top + 8, "threshold %.4g, NG \xe2\x86\x92", threshold);
}

okng_canvas *okng_figure_scores(const okng_score_list *scores, const char *name)
{
    char title[OKNG_LABEL_MAX + 32];
    bins b = count_scores(scores);
    (void)snprintf(title, sizeof title, "Scores: %s", name);
    okng_axes plot = okng_axes_new(WIDTH, HEIGHT, title);
    double step = fmax(1, okng_axes_step(b.most));
    plot.y_high = ceil(b.most * 1.08 / step) * step;
    plot.x_low = b.low;
    plot.x_high = b.high;
    okng_axes_draw_y(&plot, step, 1, "pictures");
    okng_axes_draw_x(&plot, okng_axes_step(b.high - b.low), 1, "score of the picture");
    draw_bars(&plot, &b);
    if (scores->threshold >= b.low && scores->threshold <= b.high) draw_threshold(&plot, scores->threshold);
    okng_canvas_text(plot.canvas, OKNG_INK_BAD, 14, OKNG_TEXT_BOLD | OKNG_TEXT_END, WIDTH - 20, 28, "%u with a defect",
                     b.totals[1]);
    okng_canvas_text(plot.canvas, OKNG_INK_GOOD, 14, OKNG_TEXT_BOLD | OKNG_TEXT_END, WIDTH - 170, 28, "%u good",
                     b.totals[0]);
    return plot.canvas;
}
