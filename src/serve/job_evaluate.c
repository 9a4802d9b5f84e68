/* A bank judged by pictures of which it is known whether they are good: good/... and ng/... */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/file.h"
#include "base/memory.h"
#include "cache/cache.h"
#include "serve/job.h"

enum { UNKNOWN = -1, GOOD = 0, BAD = 1 };

/* A picture and what came of it. */
typedef struct judged {
    const char *name, *path; /* the list's */
    int label;
    float score;
    double p_value;
    okng_verdict verdict;
    char why[256]; /* it could not be inspected; "" else */
} judged;

typedef struct evaluation {
    okng_job_run *run;
    const okng_bank *bank;
    okng_inspect_options options;
    judged *pictures;
    size_t count;
} evaluation;

/* By the first folder of its name. */
static int label_of(const char *name)
{
    static const char *const good[] = {"good", "ok"}, *const bad[] = {"ng", "bad"};
    const size_t length = strcspn(name, "/");
    if (!name[length]) return UNKNOWN;
    for (size_t i = 0; i < 2; i++) {
        if (strlen(good[i]) == length && strncmp(name, good[i], length) == 0) return GOOD;
        if (strlen(bad[i]) == length && strncmp(name, bad[i], length) == 0) return BAD;
    }
    return UNKNOWN;
}

static okng_status take_pictures(evaluation *e, const okng_picture_list *list, okng_error *error)
{
    e->count = okng_picture_list_count(list);
    if (e->count == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "there are no pictures to evaluate with");
    e->pictures = okng_alloc_zero(e->count, sizeof *e->pictures);
    if (!e->pictures) return okng_fail_memory(error, e->count * sizeof *e->pictures);
    for (size_t i = 0; i < e->count; i++) {
        judged *one = &e->pictures[i];
        one->name = okng_picture_list_relative(list, i);
        one->path = okng_picture_list_path(list, i);
        one->label = label_of(one->name);
        if (one->label == UNKNOWN)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "%.200s: is neither in a folder good nor in one called ng, so it is not known what it "
                             "should be",
                             one->name);
    }
    return OKNG_OK;
}

/* ---- inspecting -------------------------------------------------------------------------------------------------- */

static okng_status inspect_one(void *context, int64_t i, int thread, okng_error *error)
{
    evaluation *e = context;
    judged *one = &e->pictures[i];
    const okng_picture picture = {.struct_size = sizeof picture, .path = one->path};
    okng_result *result;
    okng_error why;
    (void)thread;
    if (okng_inspect(&result, e->bank, &picture, &e->options, &why) != OKNG_OK) {
        if (why.status == OKNG_ERROR_MEMORY || why.status == OKNG_ERROR_ARGUMENT)
            return okng_fail(error, why.status, "%s", why.message);
        (void)snprintf(one->why, sizeof one->why, "%.255s", why.message);
        return OKNG_OK;
    }
    one->score = okng_result_score(result);
    one->verdict = okng_result_verdict(result);
    one->p_value = okng_result_p_value(result);
    okng_result_free(&result);
    return OKNG_OK;
}

static okng_status inspect_all(evaluation *e, okng_error *error)
{
    okng_ticker ticker;
    okng_ticker_init(&ticker, e->run->progress, e->run->user);
    okng_ticker_stage(&ticker, "inspecting", e->count);
    okng_status status =
        okng_each(e->run->threads, (int64_t)e->count, inspect_one, e, &ticker, "the evaluation", error);
    okng_ticker_destroy(&ticker);
    return status;
}

/* ---- counting ---------------------------------------------------------------------------------------------------- */

static const char *verdict_of(const judged *one)
{
    return *one->why ? "NOT_INSPECTED" : okng_verdict_text(one->verdict);
}

static json_t *picture_json(const judged *one)
{
    json_t *row = json_object();
    okng_json_put(&row, "name", okng_json_any_text(one->name));
    okng_json_put(&row, "label", json_string(one->label == BAD ? "ng" : "good"));
    okng_json_put(&row, "verdict", json_string(verdict_of(one)));
    okng_json_put(&row, "score", *one->why ? json_null() : okng_json_known((double)one->score));
    okng_json_put(&row, "p_value", *one->why ? json_null() : okng_json_known(one->p_value));
    if (*one->why) okng_json_put(&row, "why", okng_json_any_text(one->why));
    return row;
}

static json_int_t count(const evaluation *e, int label, const char *verdict)
{
    json_int_t found = 0;
    for (size_t i = 0; i < e->count; i++)
        found += (label == UNKNOWN || e->pictures[i].label == label) &&
                 (!verdict || strcmp(verdict_of(&e->pictures[i]), verdict) == 0);
    return found;
}

static okng_status put_metrics(const evaluation *e, okng_error *error)
{
    double *scores = okng_alloc(e->count, sizeof *scores);
    uint8_t *labels = okng_alloc(e->count, 1);
    okng_metrics metrics;
    okng_metrics_init(&metrics);
    okng_status status = scores && labels ? OKNG_OK : okng_fail_memory(error, e->count * sizeof *scores);
    for (size_t i = 0; status == OKNG_OK && i < e->count; i++) {
        scores[i] = *e->pictures[i].why ? (double)NAN : (double)e->pictures[i].score;
        labels[i] = e->pictures[i].label == BAD;
    }
    if (status == OKNG_OK) status = okng_metrics_scores(scores, labels, e->count, &metrics, error);
    okng_json_put(&e->run->result, "image_auroc", okng_json_known(metrics.image_auroc));
    okng_json_put(&e->run->result, "image_ap", okng_json_known(metrics.image_ap));
    okng_json_put(&e->run->result, "image_f1max", okng_json_known(metrics.image_f1max));
    okng_json_put(&e->run->result, "image_f1max_threshold", okng_json_known(metrics.image_f1max_threshold));
    free(labels);
    free(scores);
    return status;
}

/* As okng metrics reads it. */
static okng_status write_csv(const evaluation *e, okng_error *error)
{
    char *path = okng_path_join(e->run->files, "results.csv");
    okng_writer writer;
    if (!path) return okng_fail_memory(error, strlen(e->run->files));
    okng_status status = okng_writer_open(&writer, path, error);
    free(path);
    if (status != OKNG_OK) return status;
    (void)fprintf(writer.stream, "path,score,verdict,label\n");
    for (size_t i = 0; i < e->count; i++) {
        const judged *one = &e->pictures[i];
        (void)fputc('"', writer.stream);
        for (const char *c = one->name; *c; c++) (void)fprintf(writer.stream, *c == '"' ? "\"\"" : "%c", *c);
        (void)fprintf(writer.stream, "\",");
        if (!*one->why && isfinite(one->score)) (void)fprintf(writer.stream, "%.9g", (double)one->score);
        (void)fprintf(writer.stream, ",%s,%d\n", verdict_of(one), one->label);
    }
    return okng_writer_commit(&writer, error);
}

static okng_status tell(const evaluation *e, okng_error *error)
{
    json_t **result = &e->run->result, *list = json_array();
    for (size_t i = 0; i < e->count; i++) okng_json_add(&list, picture_json(&e->pictures[i]));
    okng_json_put(result, "good", json_integer(count(e, GOOD, NULL)));
    okng_json_put(result, "ng", json_integer(count(e, BAD, NULL)));
    okng_json_put(result, "found", json_integer(count(e, BAD, "NG")));
    okng_json_put(result, "missed", json_integer(count(e, BAD, "OK")));
    okng_json_put(result, "false_alarms", json_integer(count(e, GOOD, "NG")));
    okng_json_put(result, "review", json_integer(count(e, UNKNOWN, "REVIEW")));
    okng_json_put(result, "not_found", json_integer(count(e, UNKNOWN, "NOT_FOUND")));
    okng_json_put(result, "not_inspected", json_integer(count(e, UNKNOWN, "NOT_INSPECTED")));
    okng_json_put(result, "pictures", list);
    OKNG_TRY(put_metrics(e, error));
    return write_csv(e, error);
}

static okng_status evaluate_with(okng_job_run *run, const okng_lease *lease, const okng_picture_list *list,
                                 okng_error *error)
{
    evaluation e = {.run = run, .bank = okng_lease_bank(lease)};
    okng_inspect_options_init(&e.options);
    e.options.max_pixels = (uint64_t)run->serve->options->max_pixels;
    e.options.threads = 1;
    okng_status status = take_pictures(&e, list, error);
    if (status == OKNG_OK) status = inspect_all(&e, error);
    if (status == OKNG_OK) status = tell(&e, error);
    free(e.pictures);
    return status;
}

static okng_status evaluate(okng_job_run *run, okng_error *error)
{
    okng_picture_list *list;
    okng_lease *lease = NULL;
    OKNG_TRY(okng_picture_list_open(&list, run->pictures, error));
    okng_status status = okng_cache_take(run->serve->cache, run->bank, &lease, error);
    if (status == OKNG_OK) status = evaluate_with(run, lease, list, error);
    okng_lease_drop(&lease);
    okng_picture_list_free(&list);
    return status;
}

const okng_job_kind okng_job_evaluate = {
    .name = "evaluate", .needs_bank = true, .needs_pictures = true, .run = evaluate};
