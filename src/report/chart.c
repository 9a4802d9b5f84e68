/* Charts as inline SVG; their colours are classes of the page's style sheet. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/image_metrics.h"
#include "report/page.h"

enum { WIDTH = 460, HEIGHT = 250, LEFT = 44, RIGHT = 448, TOP = 34, BOTTOM = 208, BINS = 28, TICKS = 5 };

typedef struct scale {
    double low, high;
    int from, to; /* pixels */
} scale;

static double place(const scale *s, double value)
{
    return s->from + (value - s->low) / (s->high - s->low) * (s->to - s->from);
}

static void begin(FILE *stream, const char *what)
{
    (void)fprintf(stream, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, what);
}

static void axis_names(FILE *stream, const char *x, const char *y)
{
    (void)fprintf(stream,
                  "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                  "<text class=\"axis\" transform=\"rotate(-90)\" x=\"%d\" y=\"12\" text-anchor=\"middle\">%s</text>\n",
                  (LEFT + RIGHT) / 2, HEIGHT - 6, x, -(TOP + BOTTOM) / 2, y);
}

/* 1, 2 or 5 times a power of ten, so that there are about TICKS of them in the span. */
static double round_step(double span)
{
    double step = pow(10, floor(log10(span / TICKS))), parts = span / TICKS / step;
    return step * (parts > 5 ? 10 : parts > 2 ? 5 : parts > 1 ? 2 : 1);
}

static void x_ticks(FILE *stream, const scale *x)
{
    double step = round_step(x->high - x->low);
    for (double value = ceil(x->low / step) * step; value <= x->high; value += step)
        (void)fprintf(stream, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>",
                      place(x, value), BOTTOM + 16, value);
}

static void y_ticks(FILE *stream, const scale *y, double step)
{
    for (double value = y->low; value <= y->high + step / 100; value += step)
        (void)fprintf(stream,
                      "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                      "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>",
                      LEFT, RIGHT, place(y, value), place(y, value), LEFT - 6, place(y, value) + 4, value);
}

/* ---- histogram ---- */

static scale score_scale(const okng_eval_category *category)
{
    double low = (double)category->threshold, high = low;
    for (size_t i = 0; i < category->count; i++) {
        low = fmin(low, (double)category->pictures[i].score);
        high = fmax(high, (double)category->pictures[i].score);
    }
    double margin = high > low ? (high - low) / (2 * BINS) : 0.5;
    return (scale){low - margin, high + margin, LEFT, RIGHT};
}

static void bars(FILE *stream, const unsigned counts[2][BINS], const scale *y)
{
    double width = (double)(RIGHT - LEFT) / BINS;
    for (int bin = 0; bin < BINS; bin++) {
        unsigned below = 0;
        for (int bad = 0; bad < 2; bad++) {
            unsigned count = counts[bad][bin];
            double top = place(y, (double)(below + count)), bottom = place(y, (double)below);
            if (count > 0)
                (void)fprintf(stream,
                              "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%u %s"
                              "</title></rect>",
                              bad ? "bad" : "good", LEFT + bin * width + 1, top, width - 2, bottom - top, count,
                              bad ? "with a defect" : "good");
            below += count;
        }
    }
}

static void legend(FILE *stream)
{
    (void)fprintf(stream,
                  "<rect class=\"good\" x=\"%d\" y=\"8\" width=\"10\" height=\"10\" rx=\"2\"/><text class=\"key\" "
                  "x=\"%d\" y=\"17\">good</text><rect class=\"bad\" x=\"%d\" y=\"8\" width=\"10\" height=\"10\" "
                  "rx=\"2\"/><text class=\"key\" x=\"%d\" y=\"17\">with a defect</text>",
                  LEFT, LEFT + 15, LEFT + 62, LEFT + 77);
}

void okng_chart_histogram(FILE *stream, const okng_eval_category *category)
{
    unsigned counts[2][BINS] = {{0}}, most = 1;
    scale x = score_scale(category);
    for (size_t i = 0; i < category->count; i++) {
        const okng_eval_picture *picture = &category->pictures[i];
        int bin = (int)(((double)picture->score - x.low) / (x.high - x.low) * BINS);
        bin = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
        counts[picture->bad][bin]++;
        if (counts[0][bin] + counts[1][bin] > most) most = counts[0][bin] + counts[1][bin];
    }
    double step = fmax(1, round_step((double)most));
    scale y = {0, ceil((double)most / step) * step, BOTTOM, TOP};
    begin(stream, "Histogram of the scores of good pictures and of those with a defect, with the threshold");
    y_ticks(stream, &y, step);
    x_ticks(stream, &x);
    bars(stream, (const unsigned(*)[BINS])counts, &y);
    double line = place(&x, (double)category->threshold);
    bool right = line > (LEFT + RIGHT) / 2.0;
    (void)fprintf(stream,
                  "<line class=\"threshold\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"mark\" "
                  "x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">threshold %.3g</text>",
                  line, line, TOP - 6, BOTTOM, line + (right ? -6 : 6), TOP + 4, right ? "end" : "start",
                  (double)category->threshold);
    legend(stream);
    axis_names(stream, "score of the picture", "pictures");
    (void)fprintf(stream, "</svg>\n");
}

/* ---- ROC ---- */

static void draw_roc(FILE *stream, const okng_eval_category *category, const okng_curve *curve, okng_curve_point now)
{
    scale x = {0, 1, LEFT, RIGHT}, y = {0, 1, BOTTOM, TOP};
    begin(stream, "ROC curve: detected defects over false alarms, with the threshold in use");
    y_ticks(stream, &y, 0.25);
    for (int i = 0; i <= 4; i++)
        (void)fprintf(stream, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>",
                      place(&x, 0.25 * i), BOTTOM + 16, 0.25 * i);
    (void)fprintf(stream, "<line class=\"chance\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", LEFT, BOTTOM, RIGHT, TOP);
    for (int area = 1; area >= 0; area--) {
        (void)fprintf(stream, "<%s points=\"", area ? "polygon class=\"area\"" : "polyline class=\"curve\"");
        for (size_t i = 0; i < curve->count; i++)
            (void)fprintf(stream, "%.1f,%.1f ", place(&x, curve->points[i].x), place(&y, curve->points[i].y));
        if (area) (void)fprintf(stream, "%d,%d", RIGHT, BOTTOM);
        (void)fprintf(stream, "\"/>");
    }
    (void)fprintf(stream,
                  "<circle class=\"now\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>threshold %.3g: %.1f %% of defects, "
                  "%.1f %% false alarms</title></circle><circle class=\"now\" cx=\"%d\" cy=\"13\" r=\"5\"/><text "
                  "class=\"key\" x=\"%d\" y=\"17\">at the threshold: %.1f %% of defects found, %.1f %% false "
                  "alarms</text>",
                  place(&x, now.x), place(&y, now.y), (double)category->threshold, 100 * now.y, 100 * now.x, LEFT + 5,
                  LEFT + 15, 100 * now.y, 100 * now.x);
    axis_names(stream, "false alarms, share of good pictures", "defects found");
    (void)fprintf(stream, "</svg>\n");
}

okng_status okng_chart_roc(FILE *stream, const okng_eval_category *category, okng_error *error)
{
    size_t count = category->count, flagged[2] = {0};
    double *scores = okng_alloc(count, sizeof *scores);
    uint8_t *bad = okng_alloc(count, sizeof *bad);
    okng_image_metrics *metrics = malloc(sizeof *metrics);
    okng_status status = OKNG_OK;
    if (!scores || !bad || !metrics) {
        status = okng_fail_memory(error, count * (sizeof *scores + sizeof *bad) + sizeof *metrics);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        const okng_eval_picture *picture = &category->pictures[i];
        scores[i] = (double)picture->score;
        bad[i] = picture->bad;
        flagged[picture->bad] += picture->ng;
    }
    status = okng_image_metrics_compute(scores, bad, count, metrics, error);
    if (status == OKNG_OK && metrics->roc.count == 0)
        (void)fprintf(stream, "<p class=\"none\">A curve needs good pictures and pictures with a defect.</p>\n");
    else if (status == OKNG_OK)
        draw_roc(
            stream, category, &metrics->roc,
            (okng_curve_point){(double)flagged[0] / (double)metrics->good, (double)flagged[1] / (double)metrics->bad});
done:
    free(scores);
    free(bad);
    free(metrics);
    return status;
}
