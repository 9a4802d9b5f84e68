/* PatchCore's row in the table of methods. */
#include "patchcore/patchcore.h"

#include "patchcore/ensemble.h"

static okng_status open_model(void **model, const char *dir, const char *weights, okng_error *error)
{
    okng_patchcore *patchcore;
    okng_status status = okng_patchcore_open(&patchcore, dir, weights, error);
    *model = patchcore;
    return status;
}

static void close_model(void **model)
{
    okng_patchcore *patchcore = *model;
    okng_patchcore_close(&patchcore);
    *model = NULL;
}

static okng_status score(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    return okng_patchcore_score(model, rgb, threads, scored, error);
}

static okng_status describe(void *model, okng_model_info *info, okng_error *error)
{
    return okng_patchcore_describe(model, info, error);
}

static okng_status survey(void *model, const char *dir, const char *const *pictures, size_t count, int threads,
                          okng_ticker *ticker, bool *changed, okng_error *error)
{
    *changed = okng_patchcore_member_count(model) > 0;
    if (!*changed) return OKNG_OK;
    OKNG_TRY(okng_patchcore_set_ranges_from(model, pictures, count, threads, ticker, error));
    return okng_ensemble_file_write(okng_patchcore_ensemble(model), dir, error);
}

static okng_status set_tau(void *model, const char *dir, okng_tau *tau, okng_error *error)
{
    return okng_patchcore_set_tau(model, dir, tau, error);
}

const okng_method okng_method_patchcore = {
    .name = "patchcore",
    .summary = "a memory bank of patch vectors of good parts; anomalous is what is far from its nearest row",
    .fit = okng_patchcore_build,
    .open = open_model,
    .close = close_model,
    .score = score,
    .describe = describe,
    .survey = survey,
    .set_tau = set_tau,
};
