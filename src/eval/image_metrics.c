#include "eval/image_metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

typedef struct item {
    double score;
    bool bad;
} item;

static int from_the_highest(const void *left, const void *right)
{
    double a = ((const item *)left)->score, b = ((const item *)right)->score;
    return (a < b) - (a > b);
}

/* Goes through the distinct scores; `points` has room for one of each and the origin. Returns how many there are. */
static size_t rank(const item *items, size_t count, okng_ranking *ranking, okng_curve_point *points)
{
    size_t distinct = 0;
    points[distinct++] = (okng_curve_point){0, 0};
    for (size_t i = 0; i < count;) {
        uint64_t kinds[2] = {0};
        double score = items[i].score;
        for (; i < count && items[i].score == score; i++) kinds[items[i].bad]++;
        okng_ranking_step(ranking, score, kinds[0], kinds[1]);
        points[distinct++] = (okng_curve_point){(double)ranking->good / (double)ranking->all_good,
                                                (double)ranking->bad / (double)ranking->all_bad};
    }
    return distinct;
}

static void draw(const okng_curve_point *points, size_t count, okng_curve *curve)
{
    if (count <= OKNG_CURVE_POINTS) {
        curve->count = count;
        for (size_t i = 0; i < count; i++) curve->points[i] = points[i];
        return;
    }
    okng_curve_grid grid = {.knee = OKNG_CURVE_EVEN};
    size_t cell = 0;
    for (size_t i = 0; i < count; i++) okng_curve_put(&grid, &cell, points[i].x, points[i].y);
    okng_curve_finish(&grid, curve);
}

okng_status okng_image_metrics_compute(const double *scores, const uint8_t *bad, size_t count,
                                       okng_image_metrics *metrics, okng_error *error)
{
    metrics->good = metrics->bad = metrics->left_out = metrics->roc.count = 0;
    item *items = okng_alloc(count, sizeof *items);
    okng_curve_point *points = okng_alloc(count + 1, sizeof *points);
    okng_status status = OKNG_OK;
    if (!items || !points) {
        status = okng_fail_memory(error, count * (sizeof *items + sizeof *points));
        goto done;
    }
    size_t ranked = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(scores[i])) {
            metrics->left_out++;
            continue;
        }
        items[ranked++] = (item){scores[i], bad[i] != 0};
        *(bad[i] ? &metrics->bad : &metrics->good) += 1;
    }
    metrics->evidence = (okng_evidence){.ranking = {.all_good = metrics->good, .all_bad = metrics->bad}};
    if (metrics->good == 0 || metrics->bad == 0) goto done;
    qsort(items, ranked, sizeof *items, from_the_highest);
    draw(points, rank(items, ranked, &metrics->evidence.ranking, points), &metrics->roc);
done:
    free(items);
    free(points);
    return status;
}
