#include "patchcore/model.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "bank/knn_index.h"
#include "base/memory.h"
#include "method/patchwise.h"
#include "patchcore/express.h"
#include "patchcore/scoring.h"

struct okng_patchcore {
    const okng_bank_file *bank;
    const float *rows;     /* [rows, dim] */
    float *own_rows;       /* the same, where they are not the bank file's */
    okng_sources *sources; /* NULL: not known */
    okng_ledger *ledger;   /* NULL: not known, or not needed */
    int32_t places;        /* that have rows of their own, at least 1 */
    int64_t *first;        /* [places + 1]: the rows of place p are first[p] .. first[p + 1] - 1; NULL: there is one */
    okng_extractor_pool *pool;
    pthread_mutex_t mutex;  /* guards what follows */
    okng_knn_index **index; /* [places] of the rows of each place, on first use */
    okng_weights *packed;   /* what it is made of, in a recipe; NULL: it is its own */
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
    patchcore->places = 1;
    (void)pthread_mutex_init(&patchcore->mutex, NULL);
    okng_status status = okng_bank_pool_new(&patchcore->pool, &bank->config, weights, bank->config.data[0].dim, error);
    if (status != OKNG_OK) okng_patchcore_close(out);
    return status;
}

void okng_patchcore_close(okng_patchcore **patchcore)
{
    if (!patchcore || !*patchcore) return;
    okng_patchcore *p = *patchcore;
    for (int32_t i = 0; p->index && i < p->places; i++) okng_knn_index_free(&p->index[i]);
    free(p->index);
    free(p->first);
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

/* Where place p's rows begin; of the place behind the last, where all end. */
static int64_t first_of(const okng_patchcore *patchcore, int32_t place)
{
    if (patchcore->first) return patchcore->first[place];
    return place == 0 ? 0 : patchcore->bank->config.data[0].rows;
}

static okng_rows rows_of(const okng_patchcore *patchcore, int32_t place)
{
    const int64_t first = first_of(patchcore, place), dim = patchcore->bank->config.data[0].dim;
    return (okng_rows){
        .data = patchcore->rows + first * dim, .count = first_of(patchcore, place + 1) - first, .dim = dim};
}

static okng_status refuse_places(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "its rows are not in the order of the places that they came from; build the bank anew");
}

okng_status okng_patchcore_find_places(okng_patchcore *patchcore, okng_error *error)
{
    const okng_sources *sources = patchcore->sources;
    if (patchcore->bank->config.options.tile_banks != OKNG_TILE_BANKS_PLACE) return OKNG_OK;
    if (!sources || !sources->tiles) return refuse_places(error);
    patchcore->places = okng_sources_place(sources, sources->count - 1) + 1;
    patchcore->first = okng_alloc_zero((size_t)patchcore->places + 1, sizeof *patchcore->first);
    if (!patchcore->first) return okng_fail_memory(error, (size_t)patchcore->places * sizeof *patchcore->first);
    for (int64_t i = 0; i < sources->count; i++) {
        const int32_t place = okng_sources_place(sources, i);
        if (place >= patchcore->places || (i > 0 && place < okng_sources_place(sources, i - 1)))
            return refuse_places(error);
        patchcore->first[place + 1] = i + 1;
    }
    for (int32_t p = 0; p < patchcore->places; p++)
        if (patchcore->first[p + 1] == 0) return refuse_places(error); /* a place without rows */
    return OKNG_OK;
}

/* From the recipe, where it holds one that this machine can use; else from the rows. The mutex is held. */
static okng_status make_index(okng_patchcore *patchcore, int32_t place, int threads, okng_error *error)
{
    const okng_rows rows = rows_of(patchcore, place);
    okng_knn_index **index = &patchcore->index[place];
    okng_status status = OKNG_OK;
    if (!patchcore->first) {
        OKNG_TRY(okng_bank_file_packed(patchcore->bank, OKNG_RECIPE_SEARCH, threads, &patchcore->packed, error));
        if (patchcore->packed) status = okng_knn_index_restore(index, &rows, patchcore->packed, threads, error);
        if (!*index) okng_weights_close(&patchcore->packed);
    }
    if (*index || status != OKNG_OK) return status;
    return okng_knn_index_new(index, &rows, OKNG_KNN_MANY, threads, error);
}

static okng_status prepare_index(okng_patchcore *patchcore, int32_t place, int threads, okng_error *error)
{
    okng_status status = OKNG_OK;
    (void)pthread_mutex_lock(&patchcore->mutex);
    if (!patchcore->index) patchcore->index = calloc((size_t)patchcore->places, sizeof(okng_knn_index *));
    if (!patchcore->index) status = okng_fail_memory(error, (size_t)patchcore->places * sizeof(okng_knn_index *));
    if (status == OKNG_OK && !patchcore->index[place]) status = make_index(patchcore, place, threads, error);
    (void)pthread_mutex_unlock(&patchcore->mutex);
    return status;
}

okng_status okng_patchcore_prepare(okng_patchcore *patchcore, int threads, okng_knn_stored *stored, okng_error *error)
{
    if (patchcore->first) return OKNG_OK; /* of each place its own, which is made soon enough */
    OKNG_TRY(prepare_index(patchcore, 0, threads, error));
    okng_knn_index_store(patchcore->index[0], stored);
    return OKNG_OK;
}

/* What patches are held against. */
typedef struct held_against {
    const okng_patchcore *patchcore;
    int32_t place;
} held_against;

/* The index is there: it is made before the clock of the search starts. */
static okng_status score(const void *context, const okng_patch_rows *patches, int threads, float *scores,
                         int32_t *nearest, float *image_score, okng_error *error)
{
    const held_against *against = context;
    const okng_patchcore *patchcore = against->patchcore;
    const okng_reference all = {.bank = patchcore->index[against->place], .excluded = -1};
    OKNG_TRY(okng_score_patches(&patchcore->bank->config.options, &all, patches, threads, scores, nearest, image_score,
                                error));
    const int32_t first = (int32_t)first_of(patchcore, against->place);
    for (int64_t i = 0; i < patches->count; i++)
        if (nearest[i] >= 0) nearest[i] += first;
    return OKNG_OK;
}

static okng_status prepare_place(okng_patchcore *patchcore, int32_t place, int threads, okng_error *error)
{
    if (place >= patchcore->places)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "tile %d: the bank has rows for %d places", (int)place,
                         (int)patchcore->places);
    return prepare_index(patchcore, place, threads, error);
}

void okng_patchcore_inspect(okng_patchcore *patchcore, int32_t place, okng_inspection *pictures, int32_t count,
                            int threads)
{
    const held_against against = {patchcore, patchcore->first ? place : 0};
    okng_error why = {0};
    okng_status status = prepare_place(patchcore, against.place, threads, &why);
    if (status == OKNG_OK)
        okng_inspect_patches(patchcore->pool, pictures, count, threads, patchcore->bank->config.options.smoothing,
                             score, &against);
    else
        okng_inspections_fail(pictures, count, status, &why);
}

okng_status okng_patchcore_describe(okng_patchcore *patchcore, okng_network_cost *cost, okng_error *error)
{
    return okng_bank_pool_cost(patchcore->pool, cost, error);
}

okng_status okng_patchcore_express(okng_patchcore *patchcore, okng_program *program, okng_program_value picture,
                                   okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_rows rows = rows_of(patchcore, 0);
    okng_express_patches patches;
    OKNG_TRY(okng_extractor_pool_express(patchcore->pool, program, picture, &patches, error));
    return okng_bank_express(&patchcore->bank->config.options, &rows, program, &patches, score, map, error);
}
