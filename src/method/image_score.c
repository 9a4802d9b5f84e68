#include "method/image_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    if (isnan(x) || isnan(y)) return isnan(y) - isnan(x);
    return (x < y) - (x > y);
}

okng_status okng_image_score_top(const float *scores, int64_t count, double part, float *score, okng_error *error)
{
    int64_t taken = (int64_t)((double)count * part);
    if (taken < 1) taken = 1;
    float *sorted = okng_alloc((size_t)count, sizeof *sorted);
    if (!sorted) return okng_fail_memory(error, (size_t)count * sizeof *sorted);
    memcpy(sorted, scores, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, falling);
    double sum = 0;
    for (int64_t i = 0; i < taken; i++) sum += (double)sorted[i];
    *score = (float)(sum / (double)taken);
    free(sorted);
    return OKNG_OK;
}

void okng_scores_mask(float *scores, int64_t count, const uint8_t *foreground)
{
    for (int64_t i = 0; i < count && foreground; i++)
        if (!foreground[i]) scores[i] = 0;
}
