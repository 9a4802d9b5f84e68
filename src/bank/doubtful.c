#include "bank/doubtful.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bank/quantile.h"
#include "base/memory.h"

/* Of a normal distribution, deviation / median distance from the middle. */
static const double deviation_of_mad = 1.4826022185056018;

/* How odd the picture at this place is. */
static float value_of(const okng_tau *tau, size_t place)
{
    return tau->image_doubts ? tau->image_doubts[place] : tau->image_scores[place];
}

typedef struct oddity {
    float value;
    size_t place;
} oddity;

/* Of equals the one with the higher score, which stands behind. */
static int oddest_first(const void *a, const void *b)
{
    const oddity *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->place < y->place) - (x->place > y->place);
}

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* `values` [count]: overwritten. */
static void find_middle(okng_doubts *doubts, float *values)
{
    for (size_t i = 0; i < doubts->count; i++) values[i] = value_of(doubts->tau, i);
    qsort(values, doubts->count, sizeof *values, rising);
    float middle = okng_quantile_sorted(values, doubts->count, 0.5);
    for (size_t i = 0; i < doubts->count; i++) values[i] = fabsf(values[i] - middle);
    qsort(values, doubts->count, sizeof *values, rising);
    doubts->middle = (double)middle;
    doubts->spread = deviation_of_mad * (double)okng_quantile_sorted(values, doubts->count, 0.5);
}

okng_status okng_doubts_of(okng_doubts *doubts, const okng_tau *tau, okng_error *error)
{
    *doubts = (okng_doubts){.tau = tau, .count = tau->image_names ? tau->image_count : 0};
    (void)snprintf(doubts->basis, sizeof doubts->basis, "%s", tau->image_doubts ? "doubt" : "score");
    if (doubts->count == 0) return OKNG_OK;
    oddity *all = okng_alloc(doubts->count, sizeof *all);
    float *values = okng_alloc(doubts->count, sizeof *values);
    doubts->order = okng_alloc(doubts->count, sizeof *doubts->order);
    bool room = all && values && doubts->order;
    if (room) {
        for (size_t i = 0; i < doubts->count; i++) all[i] = (oddity){value_of(tau, i), i};
        qsort(all, doubts->count, sizeof *all, oddest_first);
        for (size_t i = 0; i < doubts->count; i++) doubts->order[i] = all[i].place;
        find_middle(doubts, values);
    }
    size_t bytes = doubts->count * (sizeof *all + sizeof *values + sizeof *doubts->order);
    free(all);
    free(values);
    if (room) return OKNG_OK;
    okng_doubts_free(doubts);
    return okng_fail_memory(error, bytes);
}

void okng_doubts_free(okng_doubts *doubts)
{
    free(doubts->order);
    *doubts = (okng_doubts){0};
}

okng_doubtful okng_doubts_get(const okng_doubts *doubts, size_t i)
{
    const okng_tau *tau = doubts->tau;
    size_t place = doubts->order[i];
    double value = (double)value_of(tau, place), above = value - doubts->middle;
    return (okng_doubtful){.struct_size = sizeof(okng_doubtful),
                           .name = tau->image_names[place],
                           .score = tau->image_scores[place],
                           .doubt = (float)value,
                           .above = doubts->spread > 0 ? above / doubts->spread : (double)NAN};
}
