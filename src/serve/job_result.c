#include "serve/job_result.h"

#include <stdlib.h>
#include <string.h>

#include "serve/bank_notes.h"

#define STANDS_OUT 3.5 /* deviations above the median: docs/doubtful.md */

/* Scores rise in tau.json; people look at the highest first. */
static json_t *scores_of(const json_t *tau)
{
    const json_t *scores = json_object_get(tau, "image_scores"), *names = json_object_get(tau, "image_names");
    json_t *list = json_array();
    for (size_t i = json_array_size(scores); i-- > 0;) {
        json_t *one = json_object(), *name = json_array_get(names, i);
        okng_json_put(&one, "picture", name ? json_incref(name) : json_null());
        okng_json_put(&one, "score", json_incref(json_array_get(scores, i)));
        okng_json_add(&list, one);
    }
    return list;
}

static json_t *share_above(const json_t *tau)
{
    const json_t *scores = json_object_get(tau, "image_scores");
    const double threshold = json_number_value(json_object_get(tau, "image"));
    const size_t count = json_array_size(scores);
    size_t above = 0;
    for (size_t i = 0; i < count; i++) above += json_number_value(json_array_get(scores, i)) > threshold;
    return count > 0 ? json_real((double)above / (double)count) : json_null();
}

static json_t *doubtful_of(const json_t *document)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(document, "doubtful"), i, one)
    {
        if (!(json_number_value(json_object_get(one, "above")) > STANDS_OUT)) continue;
        json_t *row = json_object();
        okng_json_put(&row, "picture", json_incref(json_object_get(one, "name")));
        okng_json_put(&row, "score", json_incref(json_object_get(one, "score")));
        okng_json_put(&row, "above", json_incref(json_object_get(one, "above")));
        okng_json_add(&list, row);
    }
    return list;
}

okng_status okng_job_tell_bank(okng_job_run *run, okng_error *error)
{
    static const char *const told[] = {"pictures", "rows", "image_threshold", "pixel_threshold"};
    json_t *document, *row;
    OKNG_TRY(okng_bank_notes_describe(run->serve->notes, run->bank, &document, error));
    okng_status status = okng_bank_notes_row(run->serve->notes, run->bank, &row, error);
    for (size_t i = 0; status == OKNG_OK && i < sizeof told / sizeof *told; i++)
        okng_json_put(&run->result, told[i], json_incref(json_object_get(row, told[i])));
    const json_t *tau = json_object_get(document, "tau");
    okng_json_put(&run->result, "scores", scores_of(tau));
    okng_json_put(&run->result, "doubtful", doubtful_of(document));
    okng_json_put(&run->result, "expected_false_alarms", share_above(tau));
    json_decref(row);
    json_decref(document);
    return status;
}

json_t *okng_job_not_found(const json_t *events)
{
    json_t *list = json_array(), *event;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)events, i, event)
    {
        const char *code = json_string_value(json_object_get(event, "code"));
        if (code && strcmp(code, "not-found") == 0)
            okng_json_add(&list, json_incref(json_object_get(event, "picture")));
    }
    return list;
}
