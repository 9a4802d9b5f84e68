/* What two banks have differently, as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/ensemble_file.h"
#include "bank/knn_index.h"
#include "bank/quantile.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "grow/alike.h"
#include "grow/grow.h"
#include "model/methods.h"
#include "patchcore/patchcore.h"

enum { BINS = 20, TILE = 4096 /* rows that are searched for together */ };

typedef struct comparison {
    okng_bank_file file[2];
    const okng_method *method; /* of both; NULL where they have not the same */
    int threads;
    okng_ticker *ticker;
} comparison;

/* null where there is none */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *both(json_t *first, json_t *second)
{
    return json_pack("[o, o]", first, second);
}

/* ---- options and thresholds -------------------------------------------------------------------------------------- */

static json_t *options_of(const comparison *c)
{
    json_t *object = json_object();
    okng_option_difference difference;
    const okng_bank_config *a = &c->file[0].config, *b = &c->file[1].config;
    const char *const *names = c->method ? c->method->options : NULL;
    for (size_t row = 0; okng_option_difference_next(a, b, names, &row, &difference);)
        okng_json_put(&object, difference.name,
                      both(okng_json_any_text(difference.value[0]), okng_json_any_text(difference.value[1])));
    if (strcmp(a->weights_sha256, b->weights_sha256) != 0)
        okng_json_put(&object, "weights_sha256", both(json_string(a->weights_sha256), json_string(b->weights_sha256)));
    return object;
}

static json_t *thresholds_of(const comparison *c)
{
    const okng_tau *a = &c->file[0].tau, *b = &c->file[1].tau;
    return json_pack(
        "{s:o, s:o, s:o, s:o}", "image", both(number((double)a->image), number((double)b->image)), "pixel",
        both(number((double)a->pixel), number((double)b->pixel)), "pixel_low",
        both(number((double)a->pixel_low), number((double)b->pixel_low)), "chosen",
        both(json_boolean(a->image_chosen || a->pixel_chosen), json_boolean(b->image_chosen || b->pixel_chosen)));
}

/* ---- histograms -------------------------------------------------------------------------------------------------- */

static json_t *counts_of(const float *values, size_t count, double low, double high)
{
    int64_t counts[BINS] = {0};
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        double place = high > low ? ((double)values[i] - low) / (high - low) * BINS : 0;
        counts[place < BINS ? (int)place : BINS - 1]++;
    }
    for (int b = 0; b < BINS; b++) okng_json_add(&list, json_integer(counts[b]));
    return list;
}

/* Of the scores of the good pictures of both, over one range; null where one has none. Scores are in order. */
static json_t *scores_of(const comparison *c)
{
    const okng_tau *a = &c->file[0].tau, *b = &c->file[1].tau;
    if (a->image_count == 0 || b->image_count == 0) return json_null();
    double low = (double)fminf(a->image_scores[0], b->image_scores[0]);
    double high = (double)fmaxf(a->image_scores[a->image_count - 1], b->image_scores[b->image_count - 1]);
    return json_pack("{s:f, s:f, s:o}", "low", low, "high", high, "counts",
                     both(counts_of(a->image_scores, a->image_count, low, high),
                          counts_of(b->image_scores, b->image_count, low, high)));
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Of the distances from each row to the nearest one of the other bank; null where their squares leave float32. */
static json_t *spread_of(float *far, size_t count)
{
    double sum = 0;
    size_t same = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)far[i];
        same += far[i] <= 0;
    }
    qsort(far, count, sizeof *far, rising);
    double largest = (double)far[count - 1];
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "rows", (json_int_t)count, "in_both", (json_int_t)same,
                     "mean", number(sum / (double)count), "median",
                     number((double)okng_quantile_sorted(far, count, 0.5)), "p90",
                     number((double)okng_quantile_sorted(far, count, 0.9)), "p99",
                     number((double)okng_quantile_sorted(far, count, 0.99)), "largest", number(largest), "counts",
                     counts_of(far, count, 0, largest));
}

/* far [from->count]: distances, L2. */
static okng_status measure(const comparison *c, const okng_rows *from, const okng_rows *to, float *far,
                           okng_error *error)
{
    okng_knn_index *index = NULL;
    int64_t *nearest = okng_alloc(TILE, sizeof *nearest);
    okng_status status = nearest ? okng_knn_index_new(&index, to, OKNG_KNN_MANY, c->threads, error)
                                 : okng_fail_memory(error, TILE * sizeof *nearest);
    for (int64_t i = 0; i < from->count && status == OKNG_OK; i += TILE) {
        int64_t count = from->count - i < TILE ? from->count - i : TILE;
        status =
            okng_knn_index_search(index, from->data + i * from->dim, count, 1, -1, c->threads, far + i, nearest, error);
        if (status == OKNG_OK && !okng_ticker_advance(c->ticker, (uint64_t)count))
            status = okng_fail(error, OKNG_ERROR_CANCELLED, "the comparison was stopped");
    }
    for (int64_t i = 0; i < from->count && status == OKNG_OK; i++) far[i] = sqrtf(far[i]);
    okng_knn_index_free(&index);
    free(nearest);
    return status;
}

static okng_status measure_way(const comparison *c, const okng_rows *from, const okng_rows *to, json_t **spread,
                               okng_error *error)
{
    float *far = okng_alloc((size_t)from->count, sizeof *far);
    okng_status status =
        far ? measure(c, from, to, far, error) : okng_fail_memory(error, (size_t)from->count * sizeof *far);
    if (status == OKNG_OK) *spread = spread_of(far, (size_t)from->count);
    free(far);
    return status;
}

/* Both ways; null where the banks' rows are not of one space. */
static okng_status nearest_of(const comparison *c, json_t **nearest, okng_error *error)
{
    okng_rows rows[2] = {{0}, {0}};
    json_t *there = NULL, *back = NULL;
    *nearest = json_null();
    if (c->method != &okng_method_patchcore) return OKNG_OK;
    for (int i = 0; i < 2; i++) {
        OKNG_TRY(okng_patchcore_rows_of(&c->file[i], &rows[i].data, error));
        rows[i].count = c->file[i].config.data[0].rows;
        rows[i].dim = c->file[i].config.data[0].dim;
    }
    if (rows[0].dim != rows[1].dim) return OKNG_OK;
    okng_ticker_stage(c->ticker, "comparing", (uint64_t)rows[0].count + (uint64_t)rows[1].count);
    OKNG_TRY(measure_way(c, &rows[0], &rows[1], &there, error));
    okng_status status = measure_way(c, &rows[1], &rows[0], &back, error);
    if (status == OKNG_OK) *nearest = json_pack("{s:O, s:O}", "first_to_second", there, "second_to_first", back);
    json_decref(there);
    json_decref(back);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static json_t *counts(uint64_t first, uint64_t second)
{
    return both(json_integer((json_int_t)first), json_integer((json_int_t)second));
}

static okng_status compare(const comparison *c, char **json, okng_error *error)
{
    json_t *nearest;
    const okng_bank_config *a = &c->file[0].config, *b = &c->file[1].config;
    OKNG_TRY(nearest_of(c, &nearest, error));
    json_t *document =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "method",
                  both(json_string(a->options.method), json_string(b->options.method)), "pictures",
                  counts(a->pictures, b->pictures), "rows",
                  counts((uint64_t)(a->data_count > 0 ? a->data[0].rows : 0),
                         (uint64_t)(b->data_count > 0 ? b->data[0].rows : 0)),
                  "options", options_of(c), "thresholds", thresholds_of(c), "scores", scores_of(c), "nearest", nearest);
    okng_status status = okng_json_text(document, OKNG_JSON_PRETTY, "the comparison", json, NULL, error);
    json_decref(document);
    return status;
}

static okng_status open_one(okng_bank_file *file, const char *folder, okng_error *error)
{
    if (okng_ensemble_is(folder))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: is an ensemble; compare its members", folder);
    return okng_bank_file_open(file, folder, error);
}

okng_status okng_grow_diff(const char *first, const char *second, int32_t threads, okng_ticker *ticker, char **json,
                           okng_error *error)
{
    comparison c = {.threads = okng_thread_count(threads), .ticker = ticker};
    OKNG_TRY(open_one(&c.file[0], first, error));
    okng_status status = open_one(&c.file[1], second, error);
    if (status == OKNG_OK && strcmp(c.file[0].config.options.method, c.file[1].config.options.method) == 0)
        status = okng_method_find(&c.method, c.file[0].config.options.method, error);
    if (status == OKNG_OK) status = compare(&c, json, error);
    for (int i = 0; i < 2; i++) okng_bank_file_close(&c.file[i]);
    return status;
}
