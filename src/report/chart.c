/* The figures of an evaluation that is in memory. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/image_metrics.h"
#include "report/figures.h"
#include "report/page.h"

/* Writes and frees. */
static okng_status put(FILE *stream, okng_canvas *canvas, okng_error *error)
{
    okng_status status = okng_canvas_svg(canvas, false, stream, error);
    okng_canvas_free(canvas);
    return status;
}

okng_status okng_chart_histogram(FILE *stream, const okng_eval_category *category, okng_error *error)
{
    okng_score_list scores = {.pictures = okng_alloc_zero(category->count, sizeof *scores.pictures),
                              .count = category->count,
                              .threshold = (double)category->threshold};
    if (!scores.pictures) return okng_fail_memory(error, category->count * sizeof *scores.pictures);
    for (size_t i = 0; i < scores.count; i++) {
        scores.pictures[i].bad = category->pictures[i].bad;
        scores.pictures[i].score = (double)category->pictures[i].score;
    }
    okng_status status = put(stream, okng_figure_scores(&scores, category->name), error);
    free(scores.pictures);
    return status;
}

static okng_status draw_roc(FILE *stream, const okng_eval_category *category, const okng_image_metrics *metrics,
                            const size_t flagged[2], okng_error *error)
{
    okng_category_figures *figures = calloc(1, sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    (void)snprintf(figures->name, sizeof figures->name, "%s", category->name);
    for (size_t i = 0; i < OKNG_FIGURES; i++) figures->values[i] = NAN;
    figures->values[OKNG_FIGURE_IMAGE_AUROC] = okng_figure_of(OKNG_FIGURE_IMAGE_AUROC, &metrics->evidence);
    figures->values[OKNG_FIGURE_TEST_IMAGES] = (double)(metrics->good + metrics->bad);
    figures->values[OKNG_FIGURE_DEFECTS] = (double)metrics->bad;
    figures->values[OKNG_FIGURE_FOUND] = (double)flagged[1];
    figures->values[OKNG_FIGURE_FALSE_ALARMS] = (double)flagged[0];
    figures->image_roc = metrics->roc;
    okng_status status = put(stream, okng_figure_roc(figures), error);
    free(figures);
    return status;
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
        status = draw_roc(stream, category, metrics, flagged, error);
done:
    free(scores);
    free(bad);
    free(metrics);
    return status;
}
