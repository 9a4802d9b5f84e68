/* What /metrics tells (Prometheus' text format 0.0.4). A family is a static row; its series come as they are used. */
#ifndef OKNG_SERVE_METERS_H
#define OKNG_SERVE_METERS_H

#include "base/error.h"

enum { OKNG_METER_LABELS = 2, OKNG_METER_SERIES = 4096 };

typedef enum okng_metric_kind {
    OKNG_METER_COUNTER,  /* only grows; its name ends in _total */
    OKNG_METER_GAUGE,    /* is set */
    OKNG_METER_HISTOGRAM /* of seconds, in fixed buckets of 1 ms to 60 s */
} okng_metric_kind;

typedef struct okng_meter {
    okng_metric_kind kind;
    const char *name, *help;
    const char *labels[OKNG_METER_LABELS]; /* NULL: no such label */
} okng_meter;

typedef struct okng_meters okng_meters; /* threads may share it */

okng_status okng_meters_open(okng_meters **out, okng_error *error);
void okng_meters_close(okng_meters **meters);

/* Counts, sets or observes in the series whose labels have these values (NULL for labels that the row lacks). Beyond
 * OKNG_METER_SERIES series, or without memory, nothing is counted: a metric never makes a request fail. */
void okng_meters_add(okng_meters *meters, const okng_meter *row, const char *first, const char *second, double amount);
void okng_meters_set(okng_meters *meters, const okng_meter *row, const char *first, const char *second, double value);
void okng_meters_observe(okng_meters *meters, const okng_meter *row, const char *first, const char *second,
                         double seconds);

/* Has `look` called before each answer of /metrics, to set gauges of what is counted elsewhere. At most 16. */
typedef void okng_meters_look(void *user, okng_meters *meters);
void okng_meters_on_look(okng_meters *meters, okng_meters_look *look, void *user);

/* All of it as text, for the caller to free. */
okng_status okng_meters_text(okng_meters *meters, char **text, size_t *size, okng_error *error);

#endif
