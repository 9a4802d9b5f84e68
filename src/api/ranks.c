/* The processes that share work: who leads, who follows, and what they do together. */
#include "base/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "bank/coreset_shared.h"
#include "base/json.h"
#include "base/sized.h"
#include "experiment/shared_scores.h"
#include "inspect/shared.h"
#include "kernels/kernels.h"
#include "model/fit_job.h"

/* What results depend on that processes may have differently: the instructions that okng's own kernels and oneDNN's
 * use. The text is malloc'd. */
static okng_status describe_machine(char **kernels, char *text, size_t size, okng_error *error)
{
    char *json;
    OKNG_TRY(okng_build_info(&json, error));
    json_t *info;
    okng_status status = okng_json_parse(&info, json, strlen(json), "what okng is made of", NULL, error);
    okng_text_free(&json);
    OKNG_TRY(status);
    const char *own = json_string_value(json_object_get(info, "kernels"));
    const char *others = json_string_value(json_object_get(info, "onednn_isa"));
    (void)snprintf(text, size, "okng's kernels %s, oneDNN's %s", own ? own : "?", others ? others : "?");
    *kernels = strdup(own ? own : "");
    json_decref(info);
    return *kernels ? OKNG_OK : okng_fail_memory(error, OKNG_NAME_MAX);
}

/* Only where this process would choose others: engines that cannot be kept to any run as long as nobody asks them to.
 */
static okng_status take_kernels(const char *forced, const char *kernels, okng_error *error)
{
    if (forced) return okng_set_cpu(forced, error);
    return strcmp(okng_kernels_native()->name, kernels) == 0 ? OKNG_OK : okng_set_cpu(kernels, error);
}

/* The first job: the same instructions as rank 0. */
static okng_status follow_machine(const okng_ranks *ranks, okng_parcel *job, okng_error *error)
{
    const char *forced = okng_parcel_take_text(job), *kernels = okng_parcel_take_text(job);
    const char *wanted = okng_parcel_take_text(job);
    char text[160], *own = NULL;
    okng_status status = okng_parcel_end(job, error);
    if (status == OKNG_OK) status = take_kernels(forced, kernels, error);
    if (status == OKNG_OK) status = describe_machine(&own, text, sizeof text, error);
    if (status == OKNG_OK && strcmp(text, wanted) != 0)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "computes by other instructions than rank 0: found %s, expected %s; give --cpu avx2 or "
                           "another that all machines have, or leave this one out",
                           text, wanted);
    free(own);
    return okng_ranks_agree(ranks, status, error);
}

static const okng_rank_job jobs[] = {
    {"machine", follow_machine},         {OKNG_JOB_INSPECT, okng_inspect_follow},
    {OKNG_JOB_FIT, okng_member_follow},  {OKNG_JOB_CORESET, okng_coreset_follow},
    {OKNG_JOB_SCORE, okng_score_follow}, {NULL, NULL},
};

static okng_status compare_machines(const okng_ranks *ranks, okng_error *error)
{
    okng_grown parcel = {0};
    char text[160], *kernels;
    OKNG_TRY(describe_machine(&kernels, text, sizeof text, error));
    okng_parcel_put_text(&parcel, okng_kernels_forced());
    okng_parcel_put_text(&parcel, kernels);
    okng_parcel_put_text(&parcel, text);
    okng_status status = okng_ranks_begin(ranks, "machine", &parcel, error);
    if (status == OKNG_OK) status = okng_ranks_agree(ranks, OKNG_OK, error);
    free(parcel.data);
    free(kernels);
    return status;
}

static okng_status check(const okng_ranks *ranks, okng_error *error)
{
    OKNG_TRY(okng_need(ranks, "the ranks", error));
    OKNG_TRY(okng_sized_check(ranks, "the ranks", error));
    if (ranks->count >= 1 && ranks->rank >= 0 && ranks->rank < ranks->count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "rank %d of %d ranks", (int)ranks->rank, (int)ranks->count);
}

okng_status okng_ranks_lead(const okng_ranks *ranks, okng_error *error)
{
    OKNG_TRY(check(ranks, error));
    if (ranks->rank != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "rank %d cannot lead; rank 0 does", (int)ranks->rank);
    OKNG_TRY(compare_machines(ranks, error));
    okng_ranks_set_led(ranks);
    return OKNG_OK;
}

okng_status okng_ranks_follow(const okng_ranks *ranks, okng_error *error)
{
    OKNG_TRY(check(ranks, error));
    if (ranks->rank == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "rank 0 cannot follow; it leads");
    return okng_ranks_serve(ranks, jobs, error);
}

void okng_ranks_dismiss(const okng_ranks *ranks)
{
    if (check(ranks, NULL) == OKNG_OK && ranks->rank == 0) (void)okng_ranks_begin(ranks, "", NULL, NULL);
    okng_ranks_set_led(NULL);
}
