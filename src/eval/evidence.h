/* What is gathered on the way through all scores, one distinct score after the other from the highest down, and the
 * functions that make a figure of it. A new metric is a function here and a row in figure_table.h. */
#ifndef OKNG_EVAL_EVIDENCE_H
#define OKNG_EVAL_EVIDENCE_H

#include <math.h>
#include <stdbool.h>
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
    double f1_score;   /* the lowest score that is called bad where F1 is the largest, of several the highest */
    double f1_below;   /* the next lower score, of good or bad, which is not; where f1_open it has not come yet */
    bool any, f1_open; /* a step was taken; the last step's score is f1_score */
    double highest;    /* score of the first step */
} okng_ranking;

/* `good` and `bad` more have `score`, which is lower than those before. */
static inline void okng_ranking_step(okng_ranking *r, double score, uint64_t good, uint64_t bad)
{
    if (!r->any) r->highest = score;
    if (r->f1_open) r->f1_below = score;
    r->any = true;
    r->f1_open = false;
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
        r->f1_open = true;
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
    if (!r->any) r->highest = below->highest;
    if (r->f1_open && below->any) {
        r->f1_below = below->highest;
        r->f1_open = false;
    }
    r->any = r->any || below->any;
    if (below->f1 > r->f1) {
        r->f1 = below->f1;
        r->f1_score = below->f1_score;
        r->f1_below = below->f1_below;
        r->f1_open = below->f1_open;
    }
}

/* False-positive rates up to which the overlap of regions is integrated; the first is the limit of the PRO curve. */
enum { OKNG_PRO_30, OKNG_PRO_05, OKNG_PRO_LIMITS };
static const double okng_pro_limits[OKNG_PRO_LIMITS] = {0.30, 0.05};

/* All that a metric may look at. */
typedef struct okng_evidence {
    okng_ranking ranking;        /* of pictures or of pixels, gone through to the lowest score */
    double pro[OKNG_PRO_LIMITS]; /* of pixels: area under the mean overlap of regions up to a limit, over the limit */
    double pimo;                 /* of pixels; NaN where the good pictures are too few or differ in size */
} okng_evidence;

/* ---- metrics: functions of evidence that has good and bad ---- */

/* P(bad scores higher than good), a tie counting half. */
static inline double okng_auroc(const okng_evidence *e)
{
    return (double)e->ranking.halves / (2 * (double)e->ranking.all_good * (double)e->ranking.all_bad);
}

/* Average precision: sum over the distinct scores of precision * recall gained. */
static inline double okng_ap(const okng_evidence *e)
{
    return okng_sum_total(&e->ranking.precision) / (double)e->ranking.all_bad;
}

/* Largest F1 over "bad is a score above t", t anywhere; scikit-learn's "at least t", t each distinct score, is the
 * same. */
static inline double okng_f1max(const okng_evidence *e)
{
    return e->ranking.f1;
}

/* A number t with low <= t < high, which low < high have between them: near the middle, and a float where there is one,
 * because that is what scores and thresholds are. */
static inline double okng_between(double low, double high)
{
    double middle = low / 2 + high / 2;
    float single = (float)middle;
    if ((double)single >= high) single = nextafterf(single, -INFINITY);
    if ((double)single >= low && (double)single < high) return (double)single;
    return middle >= low && middle < high ? middle : low;
}

/* That t: half-way between the lowest score that is called bad and the next lower one; below all scores where all are
 * called bad. Of several the highest. */
static inline double okng_f1max_threshold(const okng_evidence *e)
{
    const okng_ranking *r = &e->ranking;
    if (!r->f1_open) return okng_between(r->f1_below, r->f1_score);
    float single = (float)r->f1_score;
    return (double)((double)single < r->f1_score ? single : nextafterf(single, -INFINITY));
}

static inline double okng_aupro_30(const okng_evidence *e)
{
    return e->pro[OKNG_PRO_30];
}

static inline double okng_aupro_05(const okng_evidence *e)
{
    return e->pro[OKNG_PRO_05];
}

static inline double okng_aupimo(const okng_evidence *e)
{
    return e->pimo;
}

#endif
