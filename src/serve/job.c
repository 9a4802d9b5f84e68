#include "serve/job.h"

okng_status okng_job_step(const okng_job_run *run, const char *stage, uint64_t done, uint64_t total, okng_error *error)
{
    const okng_progress progress = {.struct_size = sizeof progress, .stage = stage, .done = done, .total = total};
    if (run->progress(&progress, run->user) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "the job was cancelled");
}

okng_status okng_job_text(const json_t *asked, const char *key, const char **text, okng_error *error)
{
    const json_t *found = json_object_get(asked, key);
    *text = json_string_value(found);
    if (!found || json_is_null(found) || *text) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: expected a string", key);
}
