#include "model/trial.h"

#include <stdlib.h>

#include "base/memory.h"
#include "model/build.h"
#include "model/member.h"

struct okng_trial {
    okng_member *member;
};

okng_status okng_trial_learn(okng_trial **out, const okng_pictures *pictures, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    const okng_method *method;
    okng_lesson lesson = {.pictures = *pictures};
    *out = NULL;
    OKNG_TRY(okng_member_prepare(&method, &lesson, options, error));
    okng_trial *trial = calloc(1, sizeof *trial);
    if (!trial) return okng_fail_memory(error, sizeof *trial);
    okng_status status = okng_member_fit(&trial->member, method, &lesson, options, ticker, report, error);
    if (status == OKNG_OK)
        okng_build_report_fill(report, trial->member);
    else
        okng_trial_free(&trial);
    *out = trial;
    return status;
}

void okng_trial_free(okng_trial **trial)
{
    if (!trial || !*trial) return;
    okng_member_close(&(*trial)->member);
    free(*trial);
    *trial = NULL;
}

okng_status okng_trial_score(okng_trial *trial, const okng_image *rgb, int threads, float *score, okng_error *error)
{
    okng_scored scored = {0};
    OKNG_TRY(okng_member_inspect(trial->member, rgb, threads, &scored, error));
    *score = scored.score;
    okng_scored_free(&scored);
    return OKNG_OK;
}
