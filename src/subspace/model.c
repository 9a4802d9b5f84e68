#include "subspace/model.h"

#include <stdlib.h>

#include "method/image_score.h"
#include "method/patchwise.h"
#include "subspace/express.h"

struct okng_subspace {
    const okng_bank_file *bank;
    okng_sums sums;
    okng_directions directions;
    okng_residual residual;
    okng_extractor_pool *pool;
    okng_ledger *ledger; /* NULL: not known, or not needed */
};

okng_status okng_subspace_new(okng_subspace **out, const okng_bank_file *bank, const okng_weights *weights,
                              okng_sums *sums, okng_directions *directions, okng_error *error)
{
    okng_subspace *subspace = *out = calloc(1, sizeof *subspace);
    if (!subspace) {
        okng_sums_free(sums);
        okng_directions_free(directions);
        return okng_fail_memory(error, sizeof *subspace);
    }
    subspace->bank = bank;
    subspace->sums = *sums;
    subspace->directions = *directions;
    *sums = (okng_sums){0};
    *directions = (okng_directions){0};
    okng_status status = okng_residual_new(&subspace->residual, &subspace->directions, error);
    if (status == OKNG_OK)
        status = okng_bank_pool_new(&subspace->pool, &bank->config, weights, subspace->directions.dim, error);
    if (status != OKNG_OK) okng_subspace_close(out);
    return status;
}

void okng_subspace_close(okng_subspace **subspace)
{
    if (!subspace || !*subspace) return;
    okng_extractor_pool_free(&(*subspace)->pool);
    okng_residual_free(&(*subspace)->residual);
    okng_directions_free(&(*subspace)->directions);
    okng_sums_free(&(*subspace)->sums);
    okng_ledger_free(&(*subspace)->ledger);
    free(*subspace);
    *subspace = NULL;
}

void okng_subspace_own_weights(okng_subspace *subspace, okng_weights **weights)
{
    okng_extractor_pool_own(subspace->pool, weights);
}

void okng_subspace_set_ledger(okng_subspace *subspace, okng_ledger *ledger)
{
    okng_ledger_free(&subspace->ledger);
    subspace->ledger = ledger;
}

const okng_ledger *okng_subspace_ledger(const okng_subspace *subspace)
{
    return subspace->ledger;
}

const okng_sums *okng_subspace_sums(const okng_subspace *subspace)
{
    return &subspace->sums;
}

const okng_directions *okng_subspace_directions(const okng_subspace *subspace)
{
    return &subspace->directions;
}

okng_status okng_subspace_score(const okng_residual *residual, const okng_build_options *options, const float *rows,
                                int64_t count, const uint8_t *foreground, int threads, float *scores,
                                float *image_score, okng_error *error)
{
    OKNG_TRY(okng_residual_score(residual, rows, count, threads, scores, error));
    okng_scores_mask(scores, count, foreground);
    double part = options->image_score == OKNG_SCORE_TOP ? options->top : 0;
    return okng_image_score_top(scores, count, part, image_score, error);
}

static okng_status score(const void *context, const okng_patch_rows *patches, int threads, float *scores,
                         int32_t *nearest, float *image_score, okng_error *error)
{
    (void)nearest; /* no rows are kept */
    const okng_subspace *subspace = context;
    return okng_subspace_score(&subspace->residual, &subspace->bank->config.options, patches->rows, patches->count,
                               patches->foreground, threads, scores, image_score, error);
}

void okng_subspace_inspect(okng_subspace *subspace, okng_inspection *pictures, int32_t count, int threads)
{
    okng_inspect_patches(subspace->pool, pictures, count, threads, subspace->bank->config.options.smoothing, score,
                         subspace);
}

okng_status okng_subspace_describe(okng_subspace *subspace, okng_network_cost *cost, okng_error *error)
{
    return okng_bank_pool_cost(subspace->pool, cost, error);
}

okng_status okng_subspace_express(okng_subspace *subspace, okng_program *program, okng_program_value picture,
                                  okng_program_value *score, okng_program_value *map, okng_error *error)
{
    okng_express_patches patches;
    OKNG_TRY(okng_extractor_pool_express(subspace->pool, program, picture, &patches, error));
    return okng_residual_express(&subspace->residual, &subspace->bank->config.options, program, &patches, score, map,
                                 error);
}
