#include "method/thresholds.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bank/quantile.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "method/image_rule.h"

/* What picture `number` of the list came to. */
typedef struct image {
    const char *name;
    size_t number;
    float score, doubt;
    int32_t group;
} image;

struct okng_thresholds {
    size_t count, pixels; /* pixels of a map */
    size_t seen;          /* those of them that count */
    uint8_t *unseen;      /* [pixels]: 1 = it does not; NULL: all do */
    okng_image_rule image_rule;
    double image_pct;
    image *images;       /* [count] */
    double *pixel_means; /* [count] */
    pthread_mutex_t mutex;
    okng_quantile *pixel; /* under the mutex, as is the next */
    float *line;          /* [seen] what counts of a map; NULL: all of it */
};

okng_status okng_thresholds_new(okng_thresholds **out, const okng_build_options *options, const okng_ignored *ignored,
                                size_t count, int32_t height, int32_t width, okng_error *error)
{
    *out = NULL;
    okng_thresholds *t = calloc(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    t->count = count;
    t->pixels = t->seen = (size_t)height * (size_t)width;
    t->image_rule = options->image_rule;
    t->image_pct = options->image_pct;
    t->images = okng_alloc(count, sizeof *t->images);
    t->pixel_means = okng_alloc(count, sizeof *t->pixel_means);
    for (size_t i = 0; t->images && i < count; i++) t->images[i].group = (int32_t)i;
    (void)pthread_mutex_init(&t->mutex, NULL);
    okng_status status = t->images && t->pixel_means
                             ? okng_ignored_unseen(&t->unseen, ignored, options, height, width, error)
                             : okng_fail_memory(error, count * (sizeof *t->images + sizeof *t->pixel_means));
    for (size_t p = 0; t->unseen && p < t->pixels; p++) t->seen -= t->unseen[p];
    if (t->unseen && !(t->line = okng_alloc(t->seen, sizeof *t->line)))
        status = okng_fail_memory(error, t->seen * sizeof *t->line);
    if (status == OKNG_OK)
        status = okng_quantile_new(&t->pixel, options->pixel_pct, (uint64_t)count * (uint64_t)t->seen, error);
    if (status != OKNG_OK) okng_thresholds_free(&t);
    *out = t;
    return status;
}

void okng_thresholds_free(okng_thresholds **thresholds)
{
    okng_thresholds *t = *thresholds;
    if (!t) return;
    okng_quantile_free(&t->pixel);
    (void)pthread_mutex_destroy(&t->mutex);
    free(t->images);
    free(t->pixel_means);
    free(t->unseen);
    free(t->line);
    free(t);
    *thresholds = NULL;
}

/* The mutex is held. */
static const float *what_counts(okng_thresholds *t, const float *map)
{
    size_t found = 0;
    for (size_t p = 0; t->unseen && p < t->pixels; p++)
        if (!t->unseen[p]) t->line[found++] = map[p];
    return t->unseen ? t->line : map;
}

okng_status okng_thresholds_add(okng_thresholds *thresholds, size_t i, const char *name, float score, const float *map,
                                okng_error *error)
{
    okng_thresholds *t = thresholds;
    double sum = 0;
    for (size_t p = 0; p < t->pixels; p++)
        if (!t->unseen || !t->unseen[p]) sum += (double)map[p];
    t->images[i] = (image){name, i, score, NAN, t->images[i].group};
    t->pixel_means[i] = sum / (double)t->seen;
    if (!isfinite(score) || !isfinite(sum))
        return okng_fail(error, OKNG_ERROR_MISMATCH, "its score is not finite; check the options and the weights");
    (void)pthread_mutex_lock(&t->mutex);
    okng_status status = okng_quantile_add(t->pixel, what_counts(t, map), t->seen, error);
    (void)pthread_mutex_unlock(&t->mutex);
    return status;
}

okng_status okng_thresholds_gather(okng_thresholds *thresholds, int64_t mine, okng_error *error)
{
    const okng_thresholds *t = thresholds;
    const okng_ranks *ranks = okng_ranks_together();
    OKNG_TRY(okng_ranks_gather_ranges(ranks, t->images, sizeof *t->images, mine, (int64_t)t->count, error));
    return okng_ranks_gather_ranges(ranks, t->pixel_means, sizeof *t->pixel_means, mine, (int64_t)t->count, error);
}

void okng_thresholds_name(okng_thresholds *thresholds, size_t i, const char *name)
{
    thresholds->images[i].name = name;
}

void okng_thresholds_group(okng_thresholds *thresholds, size_t i, int32_t group)
{
    thresholds->images[i].group = group;
}

void okng_thresholds_doubt(okng_thresholds *thresholds, size_t i, float doubt)
{
    thresholds->images[i].doubt = doubt;
}

static int by_score(const void *a, const void *b)
{
    const image *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_group(const void *a, const void *b)
{
    const image *x = a, *y = b;
    return x->group != y->group ? (x->group > y->group) - (x->group < y->group) : by_score(a, b);
}

/* Leaves the highest shot of each part, which is as odd as its oddest. */
static void keep_highest(okng_thresholds *t)
{
    size_t kept = 0;
    qsort(t->images, t->count, sizeof *t->images, by_group);
    for (size_t i = 0; i < t->count; i++) {
        float doubt = t->images[i].doubt;
        if (kept > 0 && t->images[kept - 1].group == t->images[i].group) {
            kept--;
            if (!(doubt >= t->images[kept].doubt)) doubt = t->images[kept].doubt;
        }
        t->images[kept] = t->images[i];
        t->images[kept++].doubt = doubt;
    }
    t->count = kept;
}

/* The pictures in the order of their scores, which come with names. */
static okng_status hand_over_images(okng_thresholds *t, okng_tau *tau, okng_error *error)
{
    bool doubted = true;
    keep_highest(t);
    tau->image_scores = okng_alloc(t->count, sizeof *tau->image_scores);
    tau->image_names = okng_alloc_zero(t->count, sizeof *tau->image_names);
    tau->image_doubts = okng_alloc(t->count, sizeof *tau->image_doubts);
    if (!tau->image_scores || !tau->image_names || !tau->image_doubts)
        return okng_fail_memory(error, t->count * (sizeof *tau->image_scores + sizeof *tau->image_names));
    tau->image_count = t->count;
    qsort(t->images, t->count, sizeof *t->images, by_score);
    for (size_t i = 0; i < t->count; i++) {
        tau->image_scores[i] = t->images[i].score;
        tau->image_doubts[i] = t->images[i].doubt;
        doubted = doubted && isfinite(t->images[i].doubt);
        tau->image_names[i] = strdup(t->images[i].name);
        if (!tau->image_names[i]) return okng_fail_memory(error, strlen(t->images[i].name));
    }
    if (doubted) return OKNG_OK;
    free(tau->image_doubts); /* the method leaves it to the scores */
    tau->image_doubts = NULL;
    return OKNG_OK;
}

okng_status okng_thresholds_conclude(okng_thresholds *thresholds, okng_tau_basis basis, okng_tau *tau,
                                     okng_error *error)
{
    okng_thresholds *t = thresholds;
    okng_tau made = {.basis = basis};
    double mean = 0;
    OKNG_TRY(okng_quantile_value(t->pixel, okng_ranks_together(), &made.pixel, error));
    for (size_t i = 0; i < t->count; i++) mean += t->pixel_means[i];
    made.pixel_low = (float)(mean / (double)t->count);
    okng_status status = hand_over_images(t, &made, error);
    if (status != OKNG_OK) {
        okng_tau_free(&made);
        return status;
    }
    made.image = okng_image_threshold(t->image_rule, t->image_pct, made.image_scores, made.image_count);
    *tau = made;
    return OKNG_OK;
}
