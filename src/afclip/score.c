#include "afclip/score.h"

#include <math.h>

#include "base/parallel.h"

enum { LANES = 16, GRAIN = 32 };

typedef struct job {
    const float *prototypes, *z;
    int64_t dim, count, tokens;
    double *sums;
} job;

static double sum_of(const float lanes[LANES])
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (double)lanes[i];
    return sum;
}

/* The cosine with bad less that with good; NaN where the vector, or the square of its length, is not finite. */
static double difference(const job *j, const float *z)
{
    const float *good = j->prototypes, *bad = good + j->dim;
    float by_good[LANES] = {0}, by_bad[LANES] = {0}, squares[LANES] = {0};
    int64_t d = 0;
    for (; d + LANES <= j->dim; d += LANES)
        for (int64_t i = 0; i < LANES; i++) {
            const float x = z[d + i];
            by_good[i] += x * good[d + i];
            by_bad[i] += x * bad[d + i];
            squares[i] += x * x;
        }
    for (; d < j->dim; d++) {
        by_good[0] += z[d] * good[d];
        by_bad[0] += z[d] * bad[d];
        squares[0] += z[d] * z[d];
    }
    const double square = sum_of(squares);
    if (!isfinite(square)) return NAN;
    return square > 0 ? (sum_of(by_bad) - sum_of(by_good)) / sqrt(square) : 0;
}

static void add(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const job *j = context;
    for (int64_t t = begin; t < end; t++)
        for (int64_t s = 0; s < j->count; s++) j->sums[t] += difference(j, j->z + (s * j->tokens + t) * j->dim);
}

void okng_afclip_score_add(const float *prototypes, int64_t dim, const float *z, int64_t count, int64_t tokens,
                           int threads, double *sums)
{
    job j = {prototypes, z, dim, count, tokens, sums};
    okng_parallel_for(threads, tokens, GRAIN, add, &j);
}

void okng_afclip_score_shares(const double *sums, int64_t tokens, double temperature, float *p)
{
    for (int64_t t = 0; t < tokens; t++) p[t] = (float)(1 / (1 + exp(-sums[t] / temperature)));
}
