/* Figures that need nothing but the order of scores: fed one distinct score after the other, from the highest down. */
#ifndef OKNG_EVAL_RANKING_H
#define OKNG_EVAL_RANKING_H

#include <math.h>
#include <stdint.h>

/* Of counts below 2^32 each twice their product passes 64 bits. */
typedef unsigned __int128 okng_count;

/* A sum whose rounding errors are carried along (Neumaier), so that millions of terms cost no digits. */
typedef struct okng_sum {
    double value, rest;
} okng_sum;

static inline void okng_sum_add(okng_sum *sum, double term)
{
    double total = sum->value + term;
    sum->rest += fabs(sum->value) >= fabs(term) ? (sum->value - total) + term : (term - total) + sum->value;
    sum->value = total;
}

static inline double okng_sum_total(const okng_sum *sum)
{
    return sum->value + sum->rest;
}

typedef struct okng_ranking {
    uint64_t all_good, all_bad;
    uint64_t good, bad; /* that score at least as high as the last score */
    okng_count halves;  /* twice the pairs in which the bad one is higher, a tie is half a pair */
    okng_sum precision; /* of each bad one, at its own score */
    double f1;
    double f1_score; /* the highest score with that f1 */
} okng_ranking;

/* `good` and `bad` more have `score`, which is lower than those before. */
static inline void okng_ranking_step(okng_ranking *r, double score, uint64_t good, uint64_t bad)
{
    r->halves += (okng_count)good * (2 * r->bad + bad);
    r->good += good;
    r->bad += bad;
    if (bad == 0) return;
    double found = (double)r->bad, flagged = (double)(r->bad + r->good);
    okng_sum_add(&r->precision, (double)bad * (found / flagged));
    double f1 = 2 * found / (flagged + (double)r->all_bad);
    if (f1 > r->f1) {
        r->f1 = f1;
        r->f1_score = score;
    }
}

/* Takes in what another one found in the scores below its own. */
static inline void okng_ranking_join(okng_ranking *r, const okng_ranking *below)
{
    r->good = below->good;
    r->bad = below->bad;
    r->halves += below->halves;
    okng_sum_add(&r->precision, below->precision.value);
    okng_sum_add(&r->precision, below->precision.rest);
    if (below->f1 > r->f1) {
        r->f1 = below->f1;
        r->f1_score = below->f1_score;
    }
}

static inline double okng_ranking_auroc(const okng_ranking *r)
{
    return (double)r->halves / (2 * (double)r->all_good * (double)r->all_bad);
}

static inline double okng_ranking_ap(const okng_ranking *r)
{
    return okng_sum_total(&r->precision) / (double)r->all_bad;
}

#endif
