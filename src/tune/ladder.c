#include "tune/ladder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/conformal.h"
#include "base/memory.h"

size_t okng_tune_above(const float *scores, size_t count, float threshold)
{
    size_t low = 0, high = count; /* first score above */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scores[middle] > threshold)
            high = middle;
        else
            low = middle + 1;
    }
    return count - low;
}

/* A float t with low <= t < high, at most `room` above low; high is the larger. Of no lower score: just below. */
static float between(float low, float high, float room)
{
    if (isinf(low)) return nextafterf(high, -INFINITY);
    if (isinf(high)) return low;
    float middle = (float)((double)low / 2 + (double)high / 2);
    if (low + room < middle) middle = low + room;
    return middle < high ? middle : nextafterf(high, -INFINITY);
}

/* How far above a score a threshold goes: half as far again as the score is from the middle good one. A bad picture
 * that scores far higher than all others does not pull the threshold to it. */
static float room_above(const okng_tune_scores *s, float low)
{
    float median = s->good_count > 0 ? s->good[s->good_count / 2] : INFINITY;
    return low > median ? (low - median) / 2 : INFINITY;
}

/* ---- proposing ------------------------------------------------------------------------------ */

/* Thresholds from `low` on and below `high` do the same. */
typedef struct stretch {
    float low, high;
    size_t found, false_alarms;
} stretch;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* All stretches from the lowest up, one more than there are distinct scores; malloc'd, NULL where memory is out. */
static stretch *stretches_of(const okng_tune_scores *s, size_t *count)
{
    size_t all = s->good_count + s->bad_count, used = 0;
    float *values = okng_alloc(all + 1, sizeof *values);
    stretch *list = okng_alloc(all + 1, sizeof *list);
    if (values && list) {
        if (s->good_count > 0) memcpy(values, s->good, s->good_count * sizeof *values);
        if (s->bad_count > 0) memcpy(values + s->good_count, s->bad, s->bad_count * sizeof *values);
        qsort(values, all, sizeof *values, by_value);
        float low = -INFINITY;
        for (size_t i = 0; i <= all; i++) {
            float high = i < all ? values[i] : INFINITY;
            if (i < all && high == low) continue;
            list[used++] = (stretch){low, high, okng_tune_above(s->bad, s->bad_count, low),
                                     okng_tune_above(s->good, s->good_count, low)};
            low = high;
        }
    }
    free(values);
    *count = used;
    if (values) return list;
    free(list);
    return NULL;
}

/* How good a stretch is by a rule; -1: not allowed. */
static double worth(const stretch *t, const okng_tune_scores *s, okng_tune_rule rule, double rate)
{
    double found = (double)t->found, alarms = (double)t->false_alarms;
    switch (rule) {
    case OKNG_TUNE_F1:
        return 2 * found / (found + alarms + (double)s->bad_count);
    case OKNG_TUNE_MISS: /* of those that miss few enough the fewest false alarms, of equal ones the most found */
        if (s->bad_count - t->found > (size_t)(rate * (double)s->bad_count + 1e-9)) return -1;
        return 1 / (1 + alarms) + found / (double)s->bad_count * 1e-12;
    default:
        if (alarms > floor(OKNG_TUNE_FALSE_ALARMS * (double)s->good_count + 1e-9)) return -1;
        return s->good_count > 0 ? found / (double)s->bad_count - alarms / (double)s->good_count
                                 : found / (double)s->bad_count;
    }
}

static float distance(const stretch *t, float computed)
{
    if (computed < t->low) return t->low - computed;
    return computed >= t->high ? computed - t->high : 0;
}

/* Of the best stretches the one nearest to the computed threshold, without one the highest. */
static float choose(const stretch *list, size_t count, const okng_tune_scores *s, okng_tune_rule rule, double rate,
                    float computed)
{
    const stretch *best = &list[count - 1];
    double most = worth(best, s, rule, rate);
    for (size_t i = count - 1; i-- > 0;) {
        double value = worth(&list[i], s, rule, rate);
        bool nearer = value == most && distance(&list[i], computed) < distance(best, computed); /* false with NaN */
        if (value > most || nearer) best = &list[i];
        if (value > most) most = value;
    }
    if (!isnan(computed) && distance(best, computed) == 0) return computed;
    return between(best->low, best->high, room_above(s, best->low));
}

okng_status okng_tune_propose(const okng_tune_scores *scores, okng_tune_rule rule, double rate, float computed,
                              float *threshold, okng_error *error)
{
    bool alone = rule == OKNG_TUNE_FALSE_ALARM || (rule == OKNG_TUNE_BALANCED && scores->bad_count == 0);
    if (alone && scores->good_count == 0 && (rule == OKNG_TUNE_FALSE_ALARM || isnan(computed)))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "there are no scores of good pictures to take a threshold from; give good pictures");
    if (!alone && scores->bad_count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the rule %s needs pictures of bad parts; give at least one, or a false-alarm rate",
                         rule == OKNG_TUNE_F1 ? "f1" : "miss");
    if (alone) {
        double allowed = rule == OKNG_TUNE_FALSE_ALARM ? rate : OKNG_TUNE_FALSE_ALARMS;
        *threshold = rule == OKNG_TUNE_BALANCED && !isnan(computed)
                         ? computed
                         : okng_conformal_threshold(scores->good, scores->good_count, allowed);
        return OKNG_OK;
    }
    size_t count;
    stretch *list = stretches_of(scores, &count);
    if (!list) return okng_fail_memory(error, (scores->good_count + scores->bad_count) * sizeof *list);
    *threshold = choose(list, count, scores, rule, rate, computed);
    free(list);
    return OKNG_OK;
}

/* ---- the ladder ----------------------------------------------------------------------------- */

static bool is_named(const okng_rung *rung)
{
    return rung->in_force || rung->computed || rung->proposed;
}

typedef struct ladder {
    const okng_tune_scores *scores;
    float names[3]; /* in force, computed, proposed */
    okng_rung *rungs;
    size_t count;
} ladder;

static void add(ladder *l, float threshold)
{
    if (!(fabsf(threshold) < INFINITY)) return; /* NaN too */
    const okng_tune_scores *s = l->scores;
    okng_rung rung = {.threshold = threshold,
                      .found = okng_tune_above(s->bad, s->bad_count, threshold),
                      .false_alarms = okng_tune_above(s->good, s->good_count, threshold),
                      .in_force = threshold == l->names[0],
                      .computed = threshold == l->names[1],
                      .proposed = threshold == l->names[2]};
    for (size_t i = 0; i < l->count; i++) {
        okng_rung *other = &l->rungs[i];
        if (other->threshold == threshold) return;
        if (is_named(&rung) || other->found != rung.found || other->false_alarms != rung.false_alarms) continue;
        if (!is_named(other) && other->threshold < threshold) other->threshold = threshold;
        return;
    }
    if (l->count < OKNG_RUNGS_MAX) l->rungs[l->count++] = rung;
}

static int by_threshold(const void *a, const void *b)
{
    float x = ((const okng_rung *)a)->threshold, y = ((const okng_rung *)b)->threshold;
    return (x > y) - (x < y);
}

/* Just below the lowest of the bad scores that shall be found. */
static float below_bad(const okng_tune_scores *s, size_t missed)
{
    float high = s->bad[missed], low = -INFINITY;
    for (size_t i = 0; i < s->good_count && s->good[i] < high; i++) low = s->good[i];
    for (size_t i = 0; i < s->bad_count && s->bad[i] < high; i++)
        if (s->bad[i] > low) low = s->bad[i];
    return between(low, high, INFINITY);
}

size_t okng_tune_ladder(const okng_tune_scores *scores, float in_force, float computed, float proposed,
                        okng_rung rungs[OKNG_RUNGS_MAX])
{
    static const double alarms[] = {0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5}, found[] = {1, 0.9, 0.75, 0.5, 0.25};
    ladder l = {.scores = scores, .names = {in_force, computed, proposed}, .rungs = rungs};
    for (int i = 0; i < 3; i++) add(&l, l.names[i]);
    for (size_t i = 0; i < sizeof alarms / sizeof alarms[0] && scores->good_count > 0; i++) {
        size_t above = (size_t)(alarms[i] * (double)scores->good_count + 1e-9);
        add(&l, scores->good[scores->good_count - 1 - above]);
    }
    for (size_t i = 0; i < sizeof found / sizeof found[0] && scores->bad_count > 0; i++) {
        size_t missed = (size_t)((1 - found[i]) * (double)scores->bad_count + 1e-9);
        if (missed < scores->bad_count) add(&l, below_bad(scores, missed));
    }
    qsort(rungs, l.count, sizeof *rungs, by_threshold);
    return l.count;
}
