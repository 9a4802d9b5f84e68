/* Figures of the last hours: counts, one pass over the index of times. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/rng.h"
#include "history/inside.h"

enum {
    OUTCOMES = OKNG_OUTCOME_NOT_FOUND + 1,
    MOST_HOURS = 744, /* 31 days */
    BINS = 48,        /* of the trend */
    SAMPLE = 2048     /* scores of one bin that are kept: beyond, a random sample of them */
};

#define HOUR (INT64_C(3600) * 1000000)

typedef struct bin {
    double scores[SAMPLE];
    int64_t count; /* that there were */
} bin;

typedef struct figures {
    int64_t from, to, hours;
    int64_t counts[OUTCOMES];
    int64_t by_hour[MOST_HOURS + 1][OUTCOMES];
    bin bins[BINS];
    okng_rng rng;
} figures;

/* ---- counting ---------------------------------------------------------------------------------------------------- */

/* Each of the scores that came is as likely to be in the sample (Vitter's algorithm R). */
static void put_score(figures *f, bin *b, double score)
{
    int64_t at = b->count++;
    if (at >= SAMPLE) at = (int64_t)okng_rng_below(&f->rng, (uint64_t)b->count);
    if (at < SAMPLE) b->scores[at] = score;
}

static void count_row(figures *f, sqlite3_stmt *statement)
{
    okng_outcome outcome;
    const int64_t time = sqlite3_column_int64(statement, 0);
    const char *verdict = (const char *)sqlite3_column_text(statement, 1);
    if (time < f->from || time >= f->to) return;
    if (!verdict || !okng_outcome_of(verdict, &outcome)) outcome = OKNG_OUTCOME_NG;
    f->counts[outcome]++;
    f->by_hour[(time - f->from) / HOUR][outcome]++;
    if (outcome != OKNG_OUTCOME_OK || sqlite3_column_type(statement, 2) == SQLITE_NULL) return;
    const double part = (double)(time - f->from) / (double)(f->to - f->from);
    put_score(f, &f->bins[(int)(part * BINS) % BINS], sqlite3_column_double(statement, 2));
}

static okng_status count_all(okng_database *database, const char *bank, figures *f, okng_error *error)
{
    static const char all[] = "SELECT time, verdict, score FROM inspection WHERE time >= ?1 AND time < ?2";
    static const char some[] =
        "SELECT time, verdict, score FROM inspection WHERE time >= ?1 AND time < ?2 AND bank = ?3";
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, bank ? some : all, &statement, error));
    (void)sqlite3_bind_int64(statement, 1, f->from);
    (void)sqlite3_bind_int64(statement, 2, f->to);
    if (bank) (void)sqlite3_bind_text(statement, 3, bank, -1, SQLITE_STATIC);
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row) count_row(f, statement);
    (void)sqlite3_reset(statement);
    return status;
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static void put_counts(json_t **object, const int64_t counts[OUTCOMES])
{
    static const okng_outcome order[] = {OKNG_OUTCOME_OK, OKNG_OUTCOME_REVIEW, OKNG_OUTCOME_NG, OKNG_OUTCOME_NOT_FOUND,
                                         OKNG_OUTCOME_NOT_INSPECTED};
    for (int i = 0; i < OUTCOMES; i++)
        okng_json_put(object, okng_outcome_text(order[i]), json_integer(counts[order[i]]));
}

static json_t *hours_json(const figures *f)
{
    char time[32];
    json_t *list = json_array();
    for (int64_t h = 0; h < f->hours; h++) {
        json_t *hour = json_object();
        okng_json_put(&hour, "from", json_string(okng_time_text(f->from + h * HOUR, time)));
        put_counts(&hour, f->by_hour[h]);
        okng_json_add(&list, hour);
    }
    return list;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of `count` ascending scores the one below which the part `p` lies, between two of them by the line between (type 7).
 */
static double quantile(const double *scores, size_t count, double p)
{
    const double at = p * (double)(count - 1);
    const size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
    return scores[low] + (at - (double)low) * (scores[high] - scores[low]);
}

/* Sorts the bins. */
static json_t *trend_json(figures *f)
{
    char time[32];
    json_t *list = json_array();
    for (int i = 0; i < BINS; i++) {
        bin *b = &f->bins[i];
        const size_t count = b->count < SAMPLE ? (size_t)b->count : SAMPLE;
        if (count == 0) continue;
        qsort(b->scores, count, sizeof *b->scores, by_value);
        json_t *point = json_object();
        okng_json_put(&point, "time", json_string(okng_time_text(f->from + i * ((f->to - f->from) / BINS), time)));
        okng_json_put(&point, "median", okng_json_known(quantile(b->scores, count, 0.5)));
        okng_json_put(&point, "p84", okng_json_known(quantile(b->scores, count, 0.84)));
        okng_json_put(&point, "n", json_integer(b->count));
        okng_json_add(&list, point);
    }
    return list;
}

static json_t *figures_json(figures *f, json_t *drift)
{
    json_t *document = json_object(), *counts = json_object();
    put_counts(&counts, f->counts);
    okng_json_put(&document, "counts", counts);
    okng_json_put(&document, "hours", hours_json(f));
    okng_json_put(&document, "trend", trend_json(f));
    okng_json_put(&document, "drift", drift);
    return document;
}

/* Whole hours, the last of them the one that runs. */
static void set_hours(figures *f, int64_t now, int32_t hours)
{
    f->hours = hours;
    f->to = (now / HOUR + 1) * HOUR;
    f->from = f->to - hours * HOUR;
    f->rng = okng_rng_new(0, OKNG_STREAM_RESERVOIR);
}

okng_status okng_history_stats(okng_history *history, const char *bank, int32_t hours, json_t **out, okng_error *error)
{
    okng_loan loan;
    json_t *drift = NULL;
    *out = NULL;
    if (hours < 1 || hours > MOST_HOURS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%d hours, expected 1 to %d", hours, MOST_HOURS);
    figures *f = calloc(1, sizeof *f);
    if (!f) return okng_fail_memory(error, sizeof *f);
    set_hours(f, history->options.clock->wall(), hours);
    okng_status status = okng_reader_take(history, &loan, error);
    if (status == OKNG_OK) {
        status = count_all(&loan.database, bank, f, error);
        if (status == OKNG_OK) status = okng_drift_json(&loan.database, bank, &drift, error);
        okng_reader_give(history, &loan);
    }
    if (status == OKNG_OK) {
        *out = figures_json(f, drift);
        if (!*out) status = okng_fail_memory(error, sizeof *f);
    }
    free(f);
    return status;
}
