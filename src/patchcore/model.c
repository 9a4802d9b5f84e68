#include "patchcore/model.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "bank/knn_index.h"
#include "method/patchwise.h"
#include "patchcore/express.h"
#include "patchcore/scoring.h"

struct okng_patchcore {
    const okng_bank_file *bank;
    const float *rows;     /* [rows, dim] */
    float *own_rows;       /* the same, where they are not the bank file's */
    okng_sources *sources; /* NULL: not known */
    okng_ledger *ledger;   /* NULL: not known, or not needed */
    okng_extractor_pool *pool;
    pthread_mutex_t mutex; /* guards what follows */
    okng_knn_index *index; /* of the rows, on first use */
    okng_weights *packed;  /* what it is made of, in a recipe; NULL: it is its own */
};

okng_status okng_patchcore_new(okng_patchcore **out, const okng_bank_file *bank, const okng_weights *weights,
                               const float *rows, bool owned, okng_error *error)
{
    float *own_rows = owned ? (float *)(uintptr_t)rows : NULL;
    okng_patchcore *patchcore = *out = calloc(1, sizeof *patchcore);
    if (!patchcore) {
        free(own_rows);
        return okng_fail_memory(error, sizeof *patchcore);
    }
    patchcore->bank = bank;
    patchcore->rows = rows;
    patchcore->own_rows = own_rows;
    (void)pthread_mutex_init(&patchcore->mutex, NULL);
    okng_status status = okng_bank_pool_new(&patchcore->pool, &bank->config, weights, bank->config.data[0].dim, error);
    if (status != OKNG_OK) okng_patchcore_close(out);
    return status;
}

void okng_patchcore_close(okng_patchcore **patchcore)
{
    if (!patchcore || !*patchcore) return;
    okng_patchcore *p = *patchcore;
    okng_knn_index_free(&p->index);
    okng_weights_close(&p->packed);
    okng_extractor_pool_free(&p->pool);
    (void)pthread_mutex_destroy(&p->mutex);
    free(p->own_rows);
    okng_sources_free(&p->sources);
    okng_ledger_free(&p->ledger);
    free(p);
    *patchcore = NULL;
}

void okng_patchcore_own_weights(okng_patchcore *patchcore, okng_weights **weights)
{
    okng_extractor_pool_own(patchcore->pool, weights);
}

const float *okng_patchcore_rows(const okng_patchcore *patchcore)
{
    return patchcore->rows;
}

void okng_patchcore_set_sources(okng_patchcore *patchcore, okng_sources *sources)
{
    okng_sources_free(&patchcore->sources);
    patchcore->sources = sources;
}

const okng_sources *okng_patchcore_sources(const okng_patchcore *patchcore)
{
    return patchcore->sources;
}

void okng_patchcore_set_ledger(okng_patchcore *patchcore, okng_ledger *ledger)
{
    okng_ledger_free(&patchcore->ledger);
    patchcore->ledger = ledger;
}

const okng_ledger *okng_patchcore_ledger(const okng_patchcore *patchcore)
{
    return patchcore->ledger;
}

static okng_rows rows_of(const okng_patchcore *patchcore)
{
    const okng_bank_data *data = &patchcore->bank->config.data[0];
    return (okng_rows){.data = patchcore->rows, .count = data->rows, .dim = data->dim};
}

/* From the recipe, where it holds one that this machine can use; else from the rows. The mutex is held. */
static okng_status make_index(okng_patchcore *patchcore, int threads, okng_error *error)
{
    const okng_bank_data *data = &patchcore->bank->config.data[0];
    const okng_rows rows = {.data = patchcore->rows, .count = data->rows, .dim = data->dim};
    OKNG_TRY(okng_bank_file_packed(patchcore->bank, OKNG_RECIPE_SEARCH, threads, &patchcore->packed, error));
    okng_status status = OKNG_OK;
    if (patchcore->packed) status = okng_knn_index_restore(&patchcore->index, &rows, patchcore->packed, threads, error);
    if (!patchcore->index) okng_weights_close(&patchcore->packed);
    if (patchcore->index || status != OKNG_OK) return status;
    return okng_knn_index_new(&patchcore->index, &rows, OKNG_KNN_MANY, threads, error);
}

static okng_status prepare_index(okng_patchcore *patchcore, int threads, okng_error *error)
{
    (void)pthread_mutex_lock(&patchcore->mutex);
    okng_status status = patchcore->index ? OKNG_OK : make_index(patchcore, threads, error);
    (void)pthread_mutex_unlock(&patchcore->mutex);
    return status;
}

okng_status okng_patchcore_prepare(okng_patchcore *patchcore, int threads, okng_knn_stored *stored, okng_error *error)
{
    OKNG_TRY(prepare_index(patchcore, threads, error));
    okng_knn_index_store(patchcore->index, stored);
    return OKNG_OK;
}

/* The index is there: it is made before the clock of the search starts. */
static okng_status score(const void *context, const okng_patch_rows *patches, int threads, float *scores,
                         int32_t *nearest, float *image_score, okng_error *error)
{
    const okng_patchcore *patchcore = context;
    const okng_reference all = {.bank = patchcore->index, .excluded = -1};
    return okng_score_patches(&patchcore->bank->config.options, &all, patches, threads, scores, nearest, image_score,
                              error);
}

okng_status okng_patchcore_inspect(okng_patchcore *patchcore, const okng_image *rgb, int threads, okng_scored *scored,
                                   okng_error *error)
{
    *scored = (okng_scored){0};
    OKNG_TRY(prepare_index(patchcore, threads, error));
    return okng_inspect_patches(patchcore->pool, rgb, threads, patchcore->bank->config.options.smoothing, score,
                                patchcore, scored, error);
}

okng_status okng_patchcore_describe(okng_patchcore *patchcore, okng_network_cost *cost, okng_error *error)
{
    return okng_bank_pool_cost(patchcore->pool, cost, error);
}

okng_status okng_patchcore_express(okng_patchcore *patchcore, okng_program *program, okng_program_value picture,
                                   okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_rows rows = rows_of(patchcore);
    okng_express_patches patches;
    OKNG_TRY(okng_extractor_pool_express(patchcore->pool, program, picture, &patches, error));
    return okng_bank_express(&patchcore->bank->config.options, &rows, program, &patches, score, map, error);
}
