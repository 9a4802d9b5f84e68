#include "serve/meters.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grown.h"

enum { LOOKS = 16, BUCKETS = 14 };
static const double bucket_ends[BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60};

typedef struct series {
    const okng_meter *row;
    char *labels[OKNG_METER_LABELS]; /* NULL: none */
    double value;                    /* of a histogram: the sum */
    uint64_t buckets[BUCKETS + 1];   /* observations in each, the last of what is above all */
} series;

struct okng_meters {
    pthread_mutex_t lock;
    series *list[OKNG_METER_SERIES]; /* those of a row follow each other */
    size_t count;
    struct {
        okng_meters_look *look;
        void *user;
    } looks[LOOKS];
    size_t look_count;
};

okng_status okng_meters_open(okng_meters **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (void)pthread_mutex_init(&(*out)->lock, NULL);
    return OKNG_OK;
}

static void free_series(series *one)
{
    for (size_t i = 0; one && i < OKNG_METER_LABELS; i++) free(one->labels[i]);
    free(one);
}

void okng_meters_close(okng_meters **meters)
{
    if (!*meters) return;
    for (size_t i = 0; i < (*meters)->count; i++) free_series((*meters)->list[i]);
    (void)pthread_mutex_destroy(&(*meters)->lock);
    free(*meters);
    *meters = NULL;
}

void okng_meters_on_look(okng_meters *meters, okng_meters_look *look, void *user)
{
    (void)pthread_mutex_lock(&meters->lock);
    if (meters->look_count < LOOKS) {
        meters->looks[meters->look_count].look = look;
        meters->looks[meters->look_count++].user = user;
    }
    (void)pthread_mutex_unlock(&meters->lock);
}

/* ---- series ---------------------------------------------------------------------------------------------------------
 */

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static series *new_series(const okng_meter *row, const char *const labels[OKNG_METER_LABELS])
{
    series *one = calloc(1, sizeof *one);
    if (!one) return NULL;
    one->row = row;
    for (size_t i = 0; i < OKNG_METER_LABELS; i++) {
        if (!row->labels[i]) continue;
        one->labels[i] = strdup(labels[i] ? labels[i] : "");
        if (one->labels[i]) continue;
        free_series(one);
        return NULL;
    }
    return one;
}

/* The series of these labels, made if need be; NULL where there is no room. The lock is held. */
static series *take(okng_meters *meters, const okng_meter *row, const char *first, const char *second)
{
    const char *labels[OKNG_METER_LABELS] = {first, second};
    size_t place = meters->count;
    for (size_t i = 0; i < meters->count; i++) {
        series *one = meters->list[i];
        if (one->row != row) continue;
        if (same(one->labels[0], row->labels[0] ? first : NULL) && same(one->labels[1], row->labels[1] ? second : NULL))
            return one;
        place = i + 1;
    }
    series *made = meters->count < OKNG_METER_SERIES ? new_series(row, labels) : NULL;
    if (!made) return NULL;
    memmove(&meters->list[place + 1], &meters->list[place], (meters->count - place) * sizeof *meters->list);
    meters->list[place] = made;
    meters->count++;
    return made;
}

void okng_meters_add(okng_meters *meters, const okng_meter *row, const char *first, const char *second, double amount)
{
    (void)pthread_mutex_lock(&meters->lock);
    series *one = take(meters, row, first, second);
    if (one) one->value += amount;
    (void)pthread_mutex_unlock(&meters->lock);
}

void okng_meters_set(okng_meters *meters, const okng_meter *row, const char *first, const char *second, double value)
{
    (void)pthread_mutex_lock(&meters->lock);
    series *one = take(meters, row, first, second);
    if (one) one->value = value;
    (void)pthread_mutex_unlock(&meters->lock);
}

void okng_meters_observe(okng_meters *meters, const okng_meter *row, const char *first, const char *second,
                         double seconds)
{
    size_t bucket = 0;
    while (bucket < BUCKETS && seconds > bucket_ends[bucket]) bucket++;
    (void)pthread_mutex_lock(&meters->lock);
    series *one = take(meters, row, first, second);
    if (one) {
        one->value += seconds;
        one->buckets[bucket]++;
    }
    (void)pthread_mutex_unlock(&meters->lock);
}

/* ---- text -----------------------------------------------------------------------------------------------------------
 */

static void say_value(FILE *text, const char *value)
{
    for (const char *c = value; *c; c++)
        if (*c == '\n')
            (void)fputs("\\n", text);
        else
            (void)fprintf(text, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
}

/* "name_bucket{bank="a",le="0.1"} "; `end` NULL: no le. */
static void say_name(FILE *text, const series *one, const char *suffix, const char *end)
{
    const char *before = "{";
    (void)fprintf(text, "%s%s", one->row->name, suffix);
    for (size_t i = 0; i < OKNG_METER_LABELS; i++) {
        if (!one->row->labels[i]) continue;
        (void)fprintf(text, "%s%s=\"", before, one->row->labels[i]);
        say_value(text, one->labels[i]);
        (void)fputc('"', text);
        before = ",";
    }
    if (end) (void)fprintf(text, "%sle=\"%s\"", before, end);
    (void)fputs(end || before[0] == ',' ? "} " : " ", text);
}

static void say_histogram(FILE *text, const series *one)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        char end[32] = "+Inf";
        if (i < BUCKETS) (void)snprintf(end, sizeof end, "%g", bucket_ends[i]);
        sum += one->buckets[i];
        say_name(text, one, "_bucket", end);
        (void)fprintf(text, "%" PRIu64 "\n", sum);
    }
    say_name(text, one, "_sum", NULL);
    (void)fprintf(text, "%.9g\n", one->value);
    say_name(text, one, "_count", NULL);
    (void)fprintf(text, "%" PRIu64 "\n", sum);
}

static void say_all(FILE *text, const okng_meters *meters)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    for (size_t i = 0; i < meters->count; i++) {
        const series *one = meters->list[i];
        const okng_meter *row = one->row;
        if (i == 0 || meters->list[i - 1]->row != row)
            (void)fprintf(text, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, kinds[row->kind]);
        if (row->kind == OKNG_METER_HISTOGRAM) {
            say_histogram(text, one);
            continue;
        }
        say_name(text, one, "", NULL);
        (void)fprintf(text, "%.15g\n", one->value);
    }
}

okng_status okng_meters_text(okng_meters *meters, char **text, size_t *size, okng_error *error)
{
    okng_grown grown = {0};
    for (size_t i = 0; i < meters->look_count; i++) meters->looks[i].look(meters->looks[i].user, meters);
    FILE *stream = okng_grown_stream(&grown);
    if (stream) {
        (void)pthread_mutex_lock(&meters->lock);
        say_all(stream, meters);
        (void)pthread_mutex_unlock(&meters->lock);
    }
    return okng_grown_close(&grown, stream, text, size, error);
}
